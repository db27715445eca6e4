using System.Collections.Immutable;
using Kneepoint.Search.Space;

namespace Kneepoint.Search.Models;

/// <summary>The time of every place in the search space: the model of latency for the network as it is, scaled for its other forms.</summary>
/// <remarks>A form takes its share of the multiply–accumulates until its variants were measured, then what these showed.</remarks>
public sealed class TimeSurface : ICostModel
{
    // The relative deviation of a paired ratio, and how many measured variants the first guess of a form's share weighs.
    const double RatioDeviation = 0.015, GuessWeight = 1;
    const string MacsFigure = "macs";
    readonly SearchSpace _space;
    readonly LatencyLayout _layout;
    readonly ImmutableArray<LatencyObservation> _profiled;
    readonly double[] _guesses;
    readonly double[] _shares;
    readonly double _keptRatio;
    readonly Dictionary<(int Group, int Choice), double> _added = [];
    ImmutableArray<(Genome Genome, double Figure)> _measured = [];
    LatencyModel _model;

    /// <summary>Starts from profiles.</summary>
    /// <param name="space">The space.</param>
    /// <param name="baseline">The baseline's time, milliseconds.</param>
    /// <param name="baselineMacs">The baseline's multiply–accumulates of one sample, of which each form takes a share.</param>
    /// <param name="layout">Groups, kernels and neighbors.</param>
    /// <param name="profiled">Profiles, the baseline's first.</param>
    public TimeSurface(SearchSpace space, double baseline, double baselineMacs, LatencyLayout layout, ImmutableArray<LatencyObservation> profiled)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(baseline);
        (_space, Baseline, _layout, _profiled) = (space, baseline, layout, profiled);
        _guesses = [.. space.Forms.Select(form => form.Figures.TryGetValue(MacsFigure, out double own) && baselineMacs > 0 ? own / baselineMacs : 1)];
        _shares = [.. _guesses];
        _model = LatencyModel.Of(layout, profiled);
        _keptRatio = _model.Predict([.. space.Table.Groups.Select(_ => 0)]).Mean;
    }

    /// <inheritdoc/>
    public string Name => "latency";

    /// <inheritdoc/>
    public double Baseline { get; }

    /// <inheritdoc/>
    public double Added(int group, int choice)
    {
        if (_added.TryGetValue((group, choice), out double known)) return known;
        int[] kept = [.. _space.Table.Groups.Select(_ => 0)];
        double before = _model.Predict(kept).Mean;
        kept[group] = choice;
        return _added[(group, choice)] = Baseline * (_model.Predict(kept).Mean - before);
    }

    /// <inheritdoc/>
    public double AddedWithShare(int group, int choice) => Added(group, choice);

    /// <inheritdoc/>
    public double OfForm(NetworkForm form) => Baseline * _keptRatio * _shares[_space.Forms.IndexOf(form)];

    /// <inheritdoc/>
    public void Learn(IEnumerable<(Genome Genome, double Figure)> measured)
    {
        _measured = [.. measured.Where(point => double.IsFinite(point.Figure) && point.Figure > 0)];
        _added.Clear();
        _model = LatencyModel.Of(_layout, [.. _profiled, .. _measured.Where(point => point.Genome.Form == 0).Select(point => ObservationOf(point.Genome, point.Figure))], _model.Settings);
        for (int form = 1; form < _shares.Length; form++)
        {
            double[] shares = [.. _measured.Where(point => point.Genome.Form == form).Select(point => point.Figure / Baseline / _model.Predict(point.Genome.Assignment).Mean)];
            _shares[form] = (GuessWeight * _guesses[form] + shares.Sum()) / (GuessWeight + shares.Length);
        }
    }

    /// <inheritdoc/>
    public double Of(Genome genome) => Baseline * _shares[genome.Form] * _model.Predict(genome.Assignment).Mean;

    /// <inheritdoc/>
    public double[] CrossValidated()
    {
        var own = _measured.Where(point => point.Genome.Form == 0).ToList();
        return [.. own.Select(left =>
        {
            var model = LatencyModel.Of(_layout, [.. _profiled, .. own.Where(point => !point.Equals(left)).Select(point => ObservationOf(point.Genome, point.Figure))], _model.Settings);
            return left.Figure / Baseline / model.Predict(left.Genome.Assignment).Mean - 1;
        })];
    }

    LatencyObservation ObservationOf(Genome genome, double figure) => new(genome.Assignment, figure / Baseline, null) { Deviation = RatioDeviation * figure / Baseline };
}
