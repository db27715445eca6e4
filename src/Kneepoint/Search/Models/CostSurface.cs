using System.Collections.Immutable;
using Kneepoint.Search.Space;

namespace Kneepoint.Search.Models;

/// <summary>One cost of every place in the search space, without making its variant: bytes, operations, time.</summary>
/// <remarks>
/// Additive: the figure of the network's form, for each group what its choice adds, in proportion to the share of the weights that the form leaves, and for each method what its layers share, such as a table of codes. Measured variants correct it by a Gaussian process whose covariance says that each of these may
/// be off by a share of itself; a figure without noise, such as bytes, is then reproduced where it was measured.
/// </remarks>
public sealed class CostSurface : ICostModel
{
    const int MostMeasured = 240;

    // Multiples of the stated doubt and noise among which the measurements choose.
    static readonly double[] Doubts = [0.3, 1, 3], Noises = [1, 3, 10, 30, 100];
    readonly SearchSpace _space;
    readonly double _base;
    readonly AddedCosts _added;
    readonly ImmutableArray<ImmutableArray<int>> _methods;
    readonly double _statedDoubt;
    readonly double _statedNoise;
    double _doubt;
    double _noise;
    Genome[] _known = [];
    GaussianProcess? _process;

    /// <summary>States what is known before anything was measured.</summary>
    /// <param name="name">The figure's name, such as "fileBytes"; forms that were measured have it among theirs.</param>
    /// <param name="space">The space.</param>
    /// <param name="baseline">The baseline's figure, more than 0.</param>
    /// <param name="added">What choices add to the baseline's figure.</param>
    /// <param name="doubt">By which share of itself each part may be off, a standard deviation, as a first guess.</param>
    /// <param name="noise">The least relative standard deviation of a measurement from what the parts give.</param>
    /// <exception cref="ArgumentException">The numbers do not fit the space.</exception>
    public CostSurface(string name, SearchSpace space, double baseline, AddedCosts added, double doubt, double noise)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(baseline);
        ArgumentNullException.ThrowIfNull(added);
        if (!added.ByChoice.Select(choices => choices.Length).SequenceEqual(space.Table.Groups.Select(group => group.Choices.Length)) || added.Shared.Length != space.Table.Methods.Length)
        {
            throw new ArgumentException("Expected one number for each choice of each group, and one for each method.", nameof(added));
        }

        _methods = [.. space.Table.Groups.Select(group => group.Choices.Select(choice => space.Table.Methods.IndexOf(choice.Method)).ToImmutableArray())];

        (Name, _space, _base, _added, _statedDoubt, _statedNoise) = (name, space, baseline, added, doubt, noise);
        (_doubt, _noise) = (doubt, noise);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public double Baseline => _base;

    /// <inheritdoc/>
    public double Added(int group, int choice) => _added.ByChoice[group][choice];

    /// <inheritdoc/>
    public double AddedWithShare(int group, int choice)
    {
        int method = _methods[group][choice];
        return _added.ByChoice[group][choice] + (method < 0 ? 0 : _added.Shared[method] / _methods.Count(choices => choices.Contains(method)));
    }

    /// <inheritdoc/>
    public double OfForm(NetworkForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        return form.Figures.TryGetValue(Name, out double figure) ? figure : _base;
    }

    /// <inheritdoc/>
    public void Learn(IEnumerable<(Genome Genome, double Figure)> measured)
    {
        var points = measured.Where(point => double.IsFinite(point.Figure)).TakeLast(MostMeasured).ToArray();
        _known = [.. points.Select(point => point.Genome)];
        double[] residuals = [.. points.Select(point => (point.Figure - Sum(point.Genome)) / _base)];
        _process = null;
        if (points.Length == 0) return;
        (double Doubt, double Noise) best = default;
        foreach (double doubt in Doubts)
        {
            foreach (double noise in Noises)
            {
                (_doubt, _noise) = (_statedDoubt * doubt, _statedNoise * noise);
                var process = new GaussianProcess((i, j) => Covariance(_known[i], _known[j]), residuals, [.. points.Select(point => Math.Pow(_noise * point.Figure / _base, 2))]);
                if (_process is null || process.LogLikelihood > _process.LogLikelihood) (_process, best) = (process, (_doubt, _noise));
            }
        }

        (_doubt, _noise) = best;
    }

    /// <inheritdoc/>
    public double Of(Genome genome) => Sum(genome) + (_process is null ? 0 : _base * _process.Mean(Covariances(genome)));

    /// <inheritdoc/>
    public double[] CrossValidated() => _process is null ? [] :
        [.. _process.LeaveOneOut().Zip(_known, (left, genome) => _base * left.Residual / (Sum(genome) + _base * _process.Mean(Covariances(genome))))];

    double Sum(Genome genome)
    {
        var form = _space.Forms[genome.Form];
        double sum = OfForm(form);
        var isUsed = new bool[_added.Shared.Length];
        for (int group = 0; group < _methods.Length; group++)
        {
            int choice = genome.ChoiceOf(group), method = _methods[group][choice];
            sum += _added.ByChoice[group][choice] * form.Shares[group];
            if (method >= 0) isUsed[method] = true;
        }

        for (int method = 0; method < isUsed.Length; method++)
        {
            if (isUsed[method]) sum += _added.Shared[method];
        }

        return sum;
    }

    double[] Covariances(Genome genome) => [.. _known.Select(known => Covariance(known, genome))];

    double Covariance(Genome one, Genome other)
    {
        const double Common = 1e-4;
        double sum = Common + (one.Form == other.Form && one.Form != 0 ? _doubt * _doubt : 0);
        for (int group = 0; group < _methods.Length; group++)
        {
            int choice = one.ChoiceOf(group);
            if (choice != other.ChoiceOf(group)) continue;
            double doubt = _doubt * _added.ByChoice[group][choice] / _base;
            if (doubt != 0) sum += doubt * doubt * _space.Forms[one.Form].Shares[group] * _space.Forms[other.Form].Shares[group];
        }

        return sum;
    }
}

/// <summary>What choices add to a figure of the baseline; negative where they save.</summary>
/// <param name="ByChoice">For each group and choice.</param>
/// <param name="Shared">For each method of the table what all layers that it treats take once.</param>
public sealed record AddedCosts(ImmutableArray<ImmutableArray<double>> ByChoice, ImmutableArray<double> Shared);
