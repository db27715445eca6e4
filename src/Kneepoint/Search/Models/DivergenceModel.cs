using Kneepoint.Search.Space;

namespace Kneepoint.Search.Models;

/// <summary>Predicts the divergence of any place in the search space from the divergences of its parts and from those of whole variants that were measured on calibration samples.</summary>
/// <remarks>
/// The logarithm of the divergence is that of the sum of its parts and a Gaussian process over what sums leave unexplained: errors that cancel or amplify each other. Its covariance is of four kinds, a constant, like divergence, the same
/// methods, and the same parts; their weights are those of a small grid that make the measurements most likely.
/// </remarks>
public sealed class DivergenceModel
{
    // More than these add little and cost the cube of their number.
    const int MostMeasured = 240;

    // Variances of the logarithm: each kind is tried at these, and there is always some noise, the interactions that nothing explains.
    static readonly double[] Variances = [0, 0.05, 0.3];
    static readonly double[] Noises = [0.003, 0.02, 0.1, 0.4];
    const double Constant = 0.1, Length = 1.5;

    readonly SearchSpace _space;
    readonly Composition[] _known;
    readonly GaussianProcess _process;
    readonly (double Alike, double Methods, double Parts) _weights;

    DivergenceModel(SearchSpace space, Composition[] known, double[] excess, (double, double, double) weights, double noise)
    {
        (_space, _known, _weights, Noise) = (space, known, weights, noise);
        _process = new GaussianProcess((i, j) => Covariance(known[i], known[j]), excess, [.. excess.Select(_ => noise)]);
    }

    /// <summary>The variance of the logarithm that nothing explains.</summary>
    public double Noise { get; }

    /// <summary>Learns.</summary>
    /// <param name="space">The space.</param>
    /// <param name="measured">Places with their measured divergences, in the order in which they were measured; those that are not finite, or next to nothing, are passed over.</param>
    public static DivergenceModel Of(SearchSpace space, IEnumerable<(Genome Genome, double Divergence)> measured)
    {
        ArgumentNullException.ThrowIfNull(space);
        var known = new List<Composition>();
        var excess = new List<double>();
        foreach (var (genome, divergence) in measured.Reverse().Take(MostMeasured))
        {
            var composition = new Composition(space, genome);
            if (!double.IsFinite(divergence) || !(divergence > Composition.Least) || !double.IsFinite(composition.Divergence) || composition.Divergence <= 2 * Composition.Least) continue;
            known.Add(composition);
            excess.Add(Math.Log(divergence / composition.Divergence));
        }

        DivergenceModel? best = null;
        foreach (double alike in Variances)
        {
            foreach (double methods in Variances)
            {
                foreach (double parts in Variances)
                {
                    foreach (double noise in Noises)
                    {
                        var model = new DivergenceModel(space, [.. known], [.. excess], (alike, methods, parts), noise);
                        if (best is null || model._process.LogLikelihood > best._process.LogLikelihood) best = model;
                    }
                }
            }
        }

        return best!;
    }

    /// <summary>The logarithm of the divergence of a place, and its variance.</summary>
    /// <returns>Infinite where a part has no finite divergence.</returns>
    public (double LogMean, double LogVariance) Of(Genome genome)
    {
        var composition = new Composition(_space, genome);
        if (!double.IsFinite(composition.Divergence)) return (double.PositiveInfinity, 0);
        double[] covariances = [.. _known.Select(known => Covariance(known, composition))];
        return (Math.Log(composition.Divergence) + _process.Mean(covariances), _process.Variance(covariances, Covariance(composition, composition)) + Noise);
    }

    double Covariance(Composition one, Composition other)
    {
        double apart = Math.Log(one.Divergence / other.Divergence) / Length;
        return Constant + _weights.Alike * Math.Exp(-apart * apart / 2)
            + (_weights.Methods > 0 ? _weights.Methods * one.SameMethods(other) : 0) + (_weights.Parts > 0 ? _weights.Parts * one.SameParts(other) : 0);
    }
}
