using System.Collections.Immutable;
using System.Globalization;

namespace Kneepoint.Search.Models;

/// <summary>Predicts the time of any assignment: a sum over the groups, each with what its own choice and the boundaries to its neighbors cost.</summary>
/// <remarks>
/// Computes t(a) = Σ_g [ t_g(a_g) + Σ_h b_gh(kernel of a_g, kernel of a_h) ] over the groups g and their neighbors h, with b = 0 where both kernels are alike: a layer in integers beside one in float pays for the conversion.
/// Two steps. (1) Each group alone, by <see cref="AdditiveRegression"/>: the parts of all profiles, scaled to the measured ratio where there is one, fit t_g and b_gh. A priori t_g is the baseline's with a standard deviation of its own size, and b is 0.
/// (2) All together, by a <see cref="GaussianProcess"/>: what the measured ratios leave over corrects the sums, within what step 1 has left open of them and a fraction of the size of each coefficient; the noise is that of each measurement.
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
    readonly ImmutableArray<AdditiveRegression> _fits;
    readonly ImmutableArray<Sum> _measured;
    readonly GaussianProcess _correction;

    LatencyModel(LatencyLayout layout, ImmutableArray<LatencyObservation> observations, LatencySettings? settings)
    {
        _layout = layout;
        _observations = observations;
        _parts = [.. Enumerable.Range(0, layout.Kernels.Length + 1).Select(group => new LatencyPart(layout, group))];
        double[] baseline = PartsOf(observations.First(observation => observation.Parts is not null));
        var measured = observations.Where(observation => observation.Deviation is not null).ToArray();
        _measured = [.. measured.Select(observation => SumOf(observation.Assignment))];
        (Settings, _fits, _correction) = settings is null ? MostLikely(baseline, measured) : Fit(settings, FitParts(settings, baseline), measured);
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
        var sum = SumOf(assignment);
        double[] known = Covariances(_fits, Settings, sum, _measured);
        double variance = _correction.Variance(known, Covariances(_fits, Settings, sum, [sum])[0]);
        return (MeanOf(_fits, sum) + _correction.Mean(known), Math.Sqrt(Math.Max(0, variance)));
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

    (LatencySettings, ImmutableArray<AdditiveRegression>, GaussianProcess) MostLikely(double[] baseline, LatencyObservation[] measured) =>
        NoiseLevels.SelectMany(noise => BoundaryDeviations.Select(boundary => new LatencySettings(noise, boundary, 0)))
            .Select(settings => (settings, Fits: FitParts(settings, baseline)))
            .SelectMany(step => Corrections.Select(correction => Fit(step.settings with { Correction = correction }, step.Fits, measured)))
            .MaxBy(model => model.Fits.Sum(fit => fit.LogMarginalLikelihood) + model.Correction.LogLikelihood);

    ImmutableArray<AdditiveRegression> FitParts(LatencySettings settings, double[] baseline)
    {
        var profiled = _observations.Where(observation => observation.Parts is not null).Select(observation => (observation.Assignment, Parts: PartsOf(observation))).ToArray();
        return [.. _parts.Select((part, group) => AdditiveRegression.Of(
            [.. Enumerable.Range(0, part.Coefficients).Select(i => i < part.Choices ? baseline[group] : 0)],
            [.. Enumerable.Range(0, part.Coefficients).Select(i => Square(i < part.Choices ? baseline[group] + LeastNoise : settings.BoundaryDeviation))],
            profiled.Select(observation => new LinearObservation([.. part.TermsOf(observation.Assignment)], observation.Parts[group],
                Square(settings.PartNoise * observation.Parts[group]) + Square(LeastNoise)))))];
    }

    (LatencySettings Settings, ImmutableArray<AdditiveRegression> Fits, GaussianProcess Correction) Fit(
        LatencySettings settings, ImmutableArray<AdditiveRegression> fits, LatencyObservation[] measured)
    {
        double[][] covariances = [.. _measured.Select(sum => Covariances(fits, settings, sum, _measured))];
        double[] left = [.. measured.Zip(_measured, (observation, sum) => observation.Ratio - MeanOf(fits, sum))];
        double[] noise = [.. measured.Select(observation => Square(observation.Deviation!.Value))];
        return (settings, fits, new GaussianProcess((i, j) => covariances[i][j], left, noise));
    }

    Sum SumOf(IReadOnlyList<int> assignment) => new([.. _parts.Select(part => (IReadOnlyList<LinearTerm>)part.TermsOf(assignment))]);

    static double MeanOf(ImmutableArray<AdditiveRegression> fits, Sum sum)
    {
        double mean = 0;
        for (int i = 0; i < fits.Length; i++)
        {
            foreach (var term in sum.Terms[i]) mean += term.Factor * fits[i].Coefficients[term.Coefficient];
        }

        return mean;
    }

    // Of one sum with others: what the profiles have left open, and the corrections of coefficients that both have.
    static double[] Covariances(ImmutableArray<AdditiveRegression> fits, LatencySettings settings, Sum sum, ImmutableArray<Sum> others)
    {
        double[] covariances = new double[others.Length];
        for (int i = 0; i < fits.Length; i++)
        {
            double[] open = fits[i].Covariances(sum.Terms[i], [.. others.Select(other => other.Terms[i])]);
            for (int k = 0; k < others.Length; k++)
            {
                covariances[k] += open[k];
                foreach (var term in sum.Terms[i])
                {
                    if (others[k].Terms[i].Contains(term)) covariances[k] += Square(settings.Correction * fits[i].Coefficients[term.Coefficient]);
                }
            }
        }

        return covariances;
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

    // The terms of each part.
    readonly record struct Sum(ImmutableArray<IReadOnlyList<LinearTerm>> Terms);
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
