using Kneepoint.Search.Space;

namespace Kneepoint.Search.Models;

/// <summary>What the divergence of a place in the search space is expected to be if those of its parts add up, and which part makes how much of it.</summary>
/// <remarks>
/// Second-order theory: errors of layers that know nothing of each other add up in the divergence (LIMITS statement O). Parts: the form of the network, and each group of layers by its choice; those of choices that are fitted
/// in succession count less. Two places are alike where the same parts, or at least the same methods, make most of the divergence.
/// </remarks>
public sealed class Composition
{
    // Of the divergence is usually left where layers are fitted in succession.
    const double LeftByFitting = 0.6;

    // Divergences below this are nothing: that of float rounding.
    internal const double Least = 1e-7;
    readonly double[] _parts;
    readonly LayerMethod?[] _methods;
    readonly Genome _genome;

    /// <summary>Looks at a place.</summary>
    public Composition(SearchSpace space, Genome genome)
    {
        ArgumentNullException.ThrowIfNull(space);
        _genome = genome;
        var groups = space.Table.Groups;
        _parts = new double[groups.Length + 1];
        _methods = new LayerMethod?[groups.Length + 1];
        double left = genome.IsFitted ? LeftByFitting : 1, sum = Least;
        for (int group = 0; group < groups.Length; group++)
        {
            var choice = groups[group].Choices[genome.ChoiceOf(group)];
            _parts[group] = choice.Loss * left;
            _methods[group] = choice.Method;
            sum += _parts[group];
        }

        _parts[^1] = space.Forms[genome.Form].Loss;
        sum += _parts[^1];
        Divergence = double.IsFinite(sum) ? sum : double.PositiveInfinity;
        for (int i = 0; i < _parts.Length; i++) _parts[i] = double.IsFinite(sum) ? _parts[i] / sum : 0;
    }

    /// <summary>The sum of the parts; infinite where one of them was no number.</summary>
    public double Divergence { get; }

    /// <summary>How much of two divergences comes from the same choice of the same group: 1 where it is all of both and of one part.</summary>
    public double SameParts(Composition other)
    {
        ArgumentNullException.ThrowIfNull(other);
        double sum = _genome.Form == other._genome.Form ? _parts[^1] * other._parts[^1] : 0;
        for (int i = 0; i < _parts.Length - 1; i++)
        {
            if (_genome.ChoiceOf(i) == other._genome.ChoiceOf(i)) sum += _parts[i] * other._parts[i];
        }

        return sum;
    }

    /// <summary>How alike the errors of two places are: their correlation where errors of parts know nothing of each other, so that the same choice of the same group makes the same error in both and everything else is chance. 0 to 1.</summary>
    public double Correlation(Composition other)
    {
        ArgumentNullException.ThrowIfNull(other);
        double sum = _genome.Form == other._genome.Form ? Math.Sqrt(_parts[^1] * other._parts[^1]) : 0;

        // Fitting in succession rounds every layer otherwise.
        if (_genome.IsFitted != other._genome.IsFitted) return sum;
        for (int i = 0; i < _parts.Length - 1; i++)
        {
            if (_genome.ChoiceOf(i) == other._genome.ChoiceOf(i)) sum += Math.Sqrt(_parts[i] * other._parts[i]);
        }

        return Math.Min(1, sum);
    }

    /// <summary>How much of two divergences comes from the same method, whatever the group.</summary>
    public double SameMethods(Composition other)
    {
        ArgumentNullException.ThrowIfNull(other);
        double sum = _parts[^1] * other._parts[^1];
        var shares = new Dictionary<LayerMethod, double>();
        for (int i = 0; i < _parts.Length - 1; i++)
        {
            if (_parts[i] > 0) shares[_methods[i]!] = shares.GetValueOrDefault(_methods[i]!) + _parts[i];
        }

        for (int i = 0; i < other._parts.Length - 1; i++)
        {
            if (other._parts[i] > 0) sum += shares.GetValueOrDefault(other._methods[i]!) * other._parts[i];
        }

        return sum;
    }
}
