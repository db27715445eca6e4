using System.Collections.Immutable;
using System.Globalization;

namespace Kneepoint.Search.Models;

/// <summary>Predicts the time of any assignment: a sum over the groups, each with what its own choice and the boundaries to its neighbors cost.</summary>
/// <remarks>
/// Computes t(a) = Σ_g [ t_g(a_g) + Σ_h b_gh(kernel of a_g, kernel of a_h) ] over the groups g and their neighbors h, with b = 0 where both kernels are alike: a layer in integers beside one in float pays for the conversion.
/// Two steps of <see cref="AdditiveRegression"/>. (1) Each group alone: the parts of all profiles, scaled to the measured ratio where there is one, fit t_g and b_gh. A priori t_g is the baseline's with a standard deviation of its own size, and b is 0.
/// (2) All together: what the measured ratios leave over corrects the same coefficients, each within what step 1 has left open of it and a fraction of its size; the noise is that of each measurement.
/// The settings are those of a small grid under which the parts and the ratios are most likely. All times are ratios to the baseline's, which the machine's other work disturbs less than milliseconds.
/// Known weakness: a boundary that no profile has shown counts as free, so that times of quite new mixtures come out too short.
/// </remarks>
public sealed class LatencyModel
{
    // Of equal likelihood the first counts: without measurements nothing tells boundaries or corrections apart.
    static readonly double[] NoiseLevels = [0.05, 0.02, 0.1], BoundaryDeviations = [0.1, 0.03, 0.3], Corrections = [0.05, 0.02, 0.01, 0.1, 0.2];

    // Of a part, in ratios to the baseline: parts of less than a thousandth are not told apart.
    const double LeastNoise = 0.0005;
    readonly LatencyLayout _layout;
    readonly ImmutableArray<LatencyObservation> _observations;
    readonly ImmutableArray<LatencyPart> _parts;
    readonly ImmutableArray<double> _means;
    readonly AdditiveRegression _correction;
    readonly int[] _offsets;

    LatencyModel(LatencyLayout layout, ImmutableArray<LatencyObservation> observations, LatencySettings? settings)
    {
        _layout = layout;
        _observations = observations;
        _parts = [.. Enumerable.Range(0, layout.Kernels.Length + 1).Select(group => new LatencyPart(layout, group))];
        double[] baseline = PartsOf(observations.First(observation => observation.Parts is not null));
        _offsets = new int[_parts.Length];
        for (int i = 1; i < _offsets.Length; i++) _offsets[i] = _offsets[i - 1] + _parts[i - 1].Coefficients;
        (Settings, _means, _correction) = settings is null ? MostLikely(baseline) : Correct(settings, FitParts(settings, baseline));
    }

    /// <summary>The settings, given or most likely.</summary>
    public LatencySettings Settings { get; }

    /// <summary>Fits a model.</summary>
    /// <param name="layout">The groups, their kernels and neighbors.</param>
    /// <param name="observations">The first with parts is the baseline, or stands for it.</param>
    /// <param name="settings">Null for the most likely ones.</param>
    /// <exception cref="ArgumentException">None was profiled, or one does not fit the layout or has a number that is no time.</exception>
    public static LatencyModel Of(LatencyLayout layout, IEnumerable<LatencyObservation> observations, LatencySettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(observations);
        ImmutableArray<LatencyObservation> all = [.. observations];
        foreach (var observation in all) Check(layout, observation);
        if (!all.Any(observation => observation.Parts is not null)) throw new ArgumentException("None of the observations was profiled; at least the baseline must be.", nameof(observations));
        return new LatencyModel(layout, all, settings);
    }

    /// <summary>Predicts the ratio to the baseline's time.</summary>
    /// <exception cref="ArgumentException">The assignment does not fit the layout.</exception>
    public (double Mean, double Deviation) Predict(IReadOnlyList<int> assignment)
    {
        _layout.Check(assignment);
        var terms = TermsOf(assignment);
        var correction = _correction.Predict(terms);
        return (terms.Sum(term => term.Factor * _means[term.Coefficient]) + correction.Mean, Math.Sqrt(correction.Variance));
    }

    /// <summary>Predicts each measured ratio by a model that has seen neither its measurement nor its profile.</summary>
    /// <remarks>The settings, which all observations have chosen, stay. Cost: a fit for each measurement.</remarks>
    /// <exception cref="InvalidOperationException">Only one observation has a profile, and its ratio is measured: without it there is no model.</exception>
    public ImmutableArray<LatencyCheck> CrossValidate()
    {
        if (_observations.Count(observation => observation.Parts is not null) == 1 && _observations.Any(observation => observation is { Parts: not null, Deviation: not null }))
        {
            throw new InvalidOperationException("The only profile is that of a measured variant; the baseline's must be among the observations.");
        }

        return [.. _observations.Where(observation => observation.Deviation is not null).Select(left =>
        {
            var others = _observations.Where(observation => !ReferenceEquals(observation, left));
            var (mean, deviation) = Of(_layout, others, Settings).Predict(left.Assignment);
            return new LatencyCheck(left.Assignment, left.Ratio, mean, deviation);
        })];
    }

    static double[] PartsOf(LatencyObservation observation)
    {
        double sum = observation.Parts!.Value.Sum();
        return [.. observation.Parts.Value.Select(part => part / sum * observation.Ratio)];
    }

    (LatencySettings, ImmutableArray<double>, AdditiveRegression) MostLikely(double[] baseline)
    {
        var parts = NoiseLevels.SelectMany(noise => BoundaryDeviations.Select(boundary => new LatencySettings(noise, boundary, 0)))
            .Select(settings => (settings, Fit: FitParts(settings, baseline)));
        return parts.SelectMany(part => Corrections.Select(correction => (Correct(part.settings with { Correction = correction }, part.Fit), Likelihood: part.Fit.Sum(fit => fit.LogMarginalLikelihood))))
            .MaxBy(fit => fit.Likelihood + fit.Item1.Correction.LogMarginalLikelihood).Item1;
    }

    ImmutableArray<AdditiveRegression> FitParts(LatencySettings settings, double[] baseline)
    {
        var profiled = _observations.Where(observation => observation.Parts is not null).Select(observation => (observation.Assignment, Parts: PartsOf(observation))).ToArray();
        return [.. _parts.Select((part, group) => AdditiveRegression.Of(
            [.. Enumerable.Range(0, part.Coefficients).Select(i => i < part.Choices ? baseline[group] : 0)],
            [.. Enumerable.Range(0, part.Coefficients).Select(i => Square(i < part.Choices ? baseline[group] + LeastNoise : settings.BoundaryDeviation))],
            profiled.Select(observation => new LinearObservation([.. part.TermsOf(observation.Assignment)], observation.Parts[group],
                Square(settings.PartNoise * observation.Parts[group]) + Square(LeastNoise)))))];
    }

    (LatencySettings Settings, ImmutableArray<double> Means, AdditiveRegression Correction) Correct(LatencySettings settings, ImmutableArray<AdditiveRegression> parts)
    {
        ImmutableArray<double> means = [.. parts.SelectMany(part => part.Coefficients)];
        double[] variances = [.. parts.SelectMany(part => part.Variances).Zip(means, (open, mean) => open + Square(settings.Correction * mean))];
        var left = _observations.Where(observation => observation.Deviation is not null).Select(observation =>
        {
            var terms = TermsOf(observation.Assignment);
            return new LinearObservation([.. terms], observation.Ratio - terms.Sum(term => term.Factor * means[term.Coefficient]), Square(observation.Deviation!.Value));
        });
        return (settings, means, AdditiveRegression.Of(new double[variances.Length], variances, left));
    }

    List<LinearTerm> TermsOf(IReadOnlyList<int> assignment)
    {
        var terms = new List<LinearTerm>();
        for (int i = 0; i < _parts.Length; i++)
        {
            foreach (var term in _parts[i].TermsOf(assignment)) terms.Add(term with { Coefficient = term.Coefficient + _offsets[i] });
        }

        return terms;
    }

    static void Check(LatencyLayout layout, LatencyObservation observation)
    {
        layout.Check(observation.Assignment);
        bool isTime = observation.Ratio > 0 && double.IsFinite(observation.Ratio) && observation.Deviation is not (<= 0 or double.NaN or double.PositiveInfinity);
        if (!isTime) throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"A ratio is {observation.Ratio} ± {observation.Deviation}; both must be positive and finite."), nameof(observation));
        if (observation.Parts is not { } parts) return;
        if (parts.Length != layout.Kernels.Length + 1) throw new ArgumentException($"A profile of {layout.Kernels.Length} groups has {parts.Length} parts; one more than groups was expected.", nameof(observation));
        if (!parts.All(part => part >= 0 && double.IsFinite(part)) || parts.Sum() <= 0) throw new ArgumentException("The parts of a profile must be finite and at least 0, and not all 0.", nameof(observation));
    }

    static double Square(double value) => value * value;
}

/// <summary>What a model of latency assumes before it has seen anything.</summary>
/// <param name="PartNoise">The standard deviation of a profiled part, a fraction of it.</param>
/// <param name="BoundaryDeviation">The standard deviation of what a boundary costs, in ratios to the baseline.</param>
/// <param name="Correction">The standard deviation by which measured ratios may correct a coefficient, a fraction of it.</param>
public sealed record LatencySettings(double PartNoise, double BoundaryDeviation, double Correction);

/// <summary>A measured ratio beside what the model says of it from all the others.</summary>
/// <param name="Assignment">What was measured.</param>
/// <param name="Measured">The measured ratio.</param>
/// <param name="Mean">The predicted one.</param>
/// <param name="Deviation">Its standard deviation.</param>
public sealed record LatencyCheck(ImmutableArray<int> Assignment, double Measured, double Mean, double Deviation)
{
    /// <summary>How far off the prediction is, as a fraction of what was measured.</summary>
    public double RelativeError => Math.Abs(Mean / Measured - 1);
}
