namespace Kneepoint.Limits.Distortion;

/// <summary>The exact rate–distortion function of a tensor's values under squared error, by Blahut and Arimoto's iteration, between certified bounds.</summary>
/// <remarks>
/// For a slope β (nats for a unit of squared error) the least of I(X;Y) + β E(X − Y)² is the least over densities q of F(q) = −Σ_i p_i ln Z_i with Z_i = Σ_j q_j e^(−β(x_i − y_j)²): <see cref="RateSlope"/> finds it on a grid of reproductions of
/// a twelfth of √D. What is left open by iteration, grid and bins is inside the bounds:
/// <list type="bullet">
/// <item>Upper: rate and distortion of a channel that was computed; between two such points the line, since R(D) is convex. A bin's numbers share its channel, so that its distortion grows by what the bins hide.</item>
/// <item>Lower, by duality [Csiszar1974]: for any λ ≥ 0 with Σ_i p_i λ_i e^(−β(x_i − y)²) ≤ 1 for all y, R(D) ≥ Σ p_i ln λ_i − βD. Between grid points g apart that sum is at most 1/(1 − βg²/4) times its largest on the grid (its second
/// derivative is at least −2β times itself). For numbers spread around the mean of a bin of width w, E e^(−β(X − y)²) ≤ e^(−β'(x_i − y)²) with β' = β(1 − βw²/2) by Hoeffding's inequality.</item>
/// </list>
/// The figure is exact for every code that takes weights for independent draws of this histogram. A code that exploits where a weight stands can be below. Source: [Blahut1972], [Arimoto1972], [Csiszar1974].
/// </remarks>
public static class BlahutArimoto
{
    const double SearchRatio = 1.01;
    const int MostSearches = 60;
    const int MostRoughSearches = 20;
    const double Roughness = 30;
    const double Near = 0.03;
    const double LeastSteepness = 0.5;
    const double MostSteepness = 50;

    /// <summary>H of the theory.</summary>
    public static Statement Statement { get; } = new('H', "Blahut–Arimoto on the histogram", LimitStatus.Conditional,
        "every codec that takes weights for independent draws of this tensor's histogram (TRUE of that class), squared error; one that uses context can be below");

    /// <summary>The least rate of a distortion.</summary>
    /// <param name="source">The values.</param>
    /// <param name="distortion">D, the mean squared error of each number, above 0; at least four squares of the bins' width.</param>
    /// <param name="toleranceBits">The iteration ends where its own bounds are this close; grid and bins add about 0.001 bit.</param>
    /// <exception cref="ArgumentOutOfRangeException">The distortion is too small for the bins, or the tolerance is not above 0.</exception>
    public static RateBounds RateAt(SourceHistogram source, double distortion, double toleranceBits = 1e-4)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!(toleranceBits > 0)) throw new ArgumentOutOfRangeException(nameof(toleranceBits), toleranceBits, "A tolerance must be above 0.");
        double least = 4 * source.BinWidth * source.BinWidth;
        if (!(distortion > 0 && distortion >= least)) throw new ArgumentOutOfRangeException(nameof(distortion), distortion, $"Expected a distortion above 0 and of at least {least}, for bins of width {source.BinWidth}.");
        if (distortion >= source.Variance) return new RateBounds(distortion, 0, 0);

        // Distortions here are those of the bins' values.
        double wanted = distortion - source.WithinVariance;
        var slope = new RateSlope(source, distortion);
        (double Rate, double Distortion) fine = (double.NaN, 0), coarse = (0, source.Variance - source.WithinVariance);
        double low = 0, high = double.PositiveInfinity, beta = 0.5 / distortion, lower = 0, steepness = 1;
        (double Beta, double Ratio) earlier = (0, 0);
        bool isNear = false;
        for (int i = 0; i < MostSearches && (fine.Distortion == 0 || coarse.Distortion > SearchRatio * fine.Distortion); i++)
        {
            // Far away a rough answer says where to go.
            bool isTight = isNear || i >= MostRoughSearches;
            slope.Solve(beta, (isTight ? 1 : Roughness) * toleranceBits * Math.Log(2));
            lower = Math.Max(lower, slope.LowerNats - slope.ValueSlope * distortion);
            double ratio = slope.Distortion / wanted;
            isNear = Math.Abs(ratio - 1) < Near;
            if (isTight && ratio <= 1) (fine, high) = ((slope.RateNats, slope.Distortion), beta);
            else if (isTight) (coarse, low) = ((slope.RateNats, slope.Distortion), beta);
            if (earlier.Beta > 0 && earlier.Beta != beta) steepness = Math.Clamp(-Math.Log(ratio / earlier.Ratio) / Math.Log(beta / earlier.Beta), LeastSteepness, MostSteepness);
            earlier = (beta, ratio);
            if (isTight || !isNear) beta = Next(beta, low, high, Math.Pow(ratio, 1 / steepness));
        }

        // Without a point below, a code without errors is one.
        if (double.IsNaN(fine.Rate)) fine = (source.EntropyBits * Math.Log(2), 0);
        double share = (wanted - fine.Distortion) / (coarse.Distortion - fine.Distortion);
        double upper = share >= 0 && coarse.Distortion > fine.Distortion ? fine.Rate + share * (coarse.Rate - fine.Rate) : fine.Rate;
        return new RateBounds(distortion, lower / Math.Log(2), Math.Max(lower, upper) / Math.Log(2));
    }

    /// <summary>The point where one bit more saves a given squared error.</summary>
    /// <param name="source">The values.</param>
    /// <param name="slopeBits">−dR/dD, bits for a unit of squared error of each number, above 0; at most that of four squares of the bins' width, 1/(8 ln 2 · width²).</param>
    /// <param name="toleranceBits">As in <see cref="RateAt(SourceHistogram, double, double)"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The slope is too steep for the bins or not above 0, or the tolerance is not above 0.</exception>
    public static RateBounds AtSlope(SourceHistogram source, double slopeBits, double toleranceBits = 1e-4)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!(toleranceBits > 0)) throw new ArgumentOutOfRangeException(nameof(toleranceBits), toleranceBits, "A tolerance must be above 0.");
        double beta = slopeBits * Math.Log(2), width = source.BinWidth;
        if (!(beta > 0 && 8 * beta * width * width <= 1 && double.IsFinite(beta))) throw new ArgumentOutOfRangeException(nameof(slopeBits), slopeBits, $"Expected a slope above 0 that suits bins of width {width}.");
        if (source.Values.Length == 1) return new RateBounds(source.Variance, 0, 0);
        var slope = new RateSlope(source, Math.Min(0.5 / beta, source.Variance));
        slope.Solve(beta, toleranceBits * Math.Log(2));
        double distortion = slope.Distortion + source.WithinVariance, lower = Math.Max(0, slope.LowerNats - slope.ValueSlope * distortion);
        return new RateBounds(distortion, lower / Math.Log(2), Math.Max(lower, slope.RateNats) / Math.Log(2));
    }

    /// <summary>The least rate of a weighted distortion λ·E(w − ŵ)².</summary>
    /// <param name="source">The values.</param>
    /// <param name="weightedDistortion">λD of each number, above 0.</param>
    /// <param name="sensitivity">λ, above 0.</param>
    /// <param name="toleranceBits">As in <see cref="RateAt(SourceHistogram, double, double)"/>.</param>
    public static RateBounds RateAtWeighted(SourceHistogram source, double weightedDistortion, double sensitivity, double toleranceBits = 1e-4)
    {
        if (!(sensitivity > 0 && double.IsFinite(sensitivity))) throw new ArgumentOutOfRangeException(nameof(sensitivity), sensitivity, "A sensitivity must be finite and above 0.");
        return RateAt(source, weightedDistortion / sensitivity, toleranceBits) with { Distortion = weightedDistortion };
    }

    // D falls about as a power of 1/β. A little to either side, so that both sides come close to what is wanted.
    static double Next(double beta, double low, double high, double ratio)
    {
        double guess = beta * ratio * (ratio > 1 ? 1.003 : 1 / 1.003);
        if (guess > low && guess < high) return guess;
        return double.IsInfinity(high) ? 2 * low : low == 0 ? high / 2 : Math.Sqrt(low * high);
    }
}
