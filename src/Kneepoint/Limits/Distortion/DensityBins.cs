using Kneepoint.Tensors.Probability;

namespace Kneepoint.Limits.Distortion;

/// <summary>Named densities as histograms, fine enough for a distortion: what <see cref="BlahutArimoto"/> says of them holds of the density.</summary>
/// <remarks>Tails that hold less than 10⁻⁹ are left out.</remarks>
public static class DensityBins
{
    const double Tail = 1e-9;

    /// <summary>A Gaussian of mean 0.</summary>
    /// <param name="variance">σ², above 0.</param>
    /// <param name="distortion">The least mean squared error that will be asked for, above 0.</param>
    public static SourceHistogram Gaussian(double variance, double distortion)
    {
        double deviation = Math.Sqrt(Positive(variance, nameof(variance))), width = Math.Sqrt(Positive(distortion, nameof(distortion))) / SourceHistogram.BinsPerError / deviation;
        return Symmetric(deviation, width, edge => (NormalDistribution.Upper(edge), NormalDistribution.Density(edge)));
    }

    /// <summary>A Laplace density e^(−|x|/b)/2b.</summary>
    /// <param name="scale">b, above 0.</param>
    /// <param name="distortion">The least mean squared error that will be asked for, above 0.</param>
    public static SourceHistogram Laplace(double scale, double distortion)
    {
        double width = Math.Sqrt(Positive(distortion, nameof(distortion))) / SourceHistogram.BinsPerError / Positive(scale, nameof(scale));
        return Symmetric(scale, width, edge => (0.5 * Math.Exp(-edge), 0.5 * (edge + 1) * Math.Exp(-edge)));
    }

    // Bins on either side of 0; beyond(edge) gives ∫ f and ∫ x f from the edge on, of the density of scale 1.
    static SourceHistogram Symmetric(double scale, double width, Func<double, (double Mass, double First)> beyond)
    {
        var bins = new List<SourceAtom>();
        var near = beyond(0);
        for (int k = 1; near.Mass > Tail; k++)
        {
            var far = beyond(k * width);
            double mass = near.Mass - far.Mass, mean = scale * (near.First - far.First) / mass;
            bins.Add(new SourceAtom(mean, mass));
            bins.Add(new SourceAtom(-mean, mass));
            near = far;
        }

        // Within a bin these densities vary at most as a uniform one does.
        return SourceHistogram.OfBins([.. bins], scale * width, scale * scale * width * width / 12);
    }

    static double Positive(double value, string name) =>
        value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, "Expected a finite number above 0.");
}
