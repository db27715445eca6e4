using Kneepoint.Pareto;

namespace Kneepoint.Limits.Distortion;

/// <summary>The least bits for independent Gaussian numbers at a weighted squared error, and how the error is best spread over them.</summary>
/// <remarks>
/// With v_i = λ_i σ_i² and a water level θ: R = Σ max(0, ½ log₂(v_i/θ)) bits and D = Σ min(θ, v_i). Numbers below the water take no bits and err by all of v_i. Between two neighbors among the sorted v_i, log θ is linear in R and
/// θ is linear in D, so both are solved in closed form; nothing is iterated. Sums are compensated: relative error of about 10⁻¹⁵.
/// Any vector code whose numbers are drawn so needs at least R bits, and long ones come as close as is wanted. It is no limit of one given network: at fixed variances a Gaussian needs the most bits of all, and weights are not
/// independent Gaussian draws. Cost: O(g log g) once for g groups, O(log g) for each question.
/// Source: [CoverThomas2006] section 10.3.3; for weights with λ from the Hessian [Gao2019].
/// </remarks>
public sealed class ReverseWaterFilling
{
    readonly double[] _variances; // falling, above 0
    readonly double[] _counts; // _counts[k]: numbers in the first k groups
    readonly double[] _logs; // _logs[k]: Σ count·log₂ v of the first k
    readonly double[] _tails; // _tails[k]: Σ count·v from group k on

    /// <summary>F of the theory.</summary>
    public static Statement Statement { get; } = new('F', "Reverse water-filling", LimitStatus.Conditional,
        "weights are independent Gaussian draws with the stated variances, the loss is the stated weighted squared error; no limit of this one network");

    /// <summary>Sorts the groups.</summary>
    /// <param name="groups">In any order; those without variance take neither bits nor error.</param>
    /// <exception cref="ArgumentOutOfRangeException">A variance or a count is negative or not finite.</exception>
    public ReverseWaterFilling(ReadOnlySpan<ComponentGroup> groups)
    {
        var kept = new List<ComponentGroup>(groups.Length);
        foreach (var group in groups)
        {
            if (!(group.WeightedVariance >= 0 && double.IsFinite(group.WeightedVariance) && group.Count >= 0))
            {
                throw new ArgumentOutOfRangeException(nameof(groups), group, "Expected finite variances and counts of at least 0.");
            }

            if (group is { WeightedVariance: > 0, Count: > 0 }) kept.Add(group);
        }

        kept.Sort((a, b) => b.WeightedVariance.CompareTo(a.WeightedVariance));
        int n = kept.Count;
        (_variances, _counts, _logs, _tails) = (new double[n], new double[n + 1], new double[n + 1], new double[n + 1]);
        CompensatedSum logs = default, tail = default;
        for (int k = 0; k < n; k++)
        {
            _variances[k] = kept[k].WeightedVariance;
            _counts[k + 1] = _counts[k] + kept[k].Count;
            logs.Add(kept[k].Count * Math.Log2(_variances[k]));
            _logs[k + 1] = logs.Value;
        }

        for (int k = n - 1; k >= 0; k--)
        {
            tail.Add(kept[k].Count * _variances[k]);
            _tails[k] = tail.Value;
        }
    }

    /// <summary>Σ v_i: the weighted distortion where nothing is sent.</summary>
    public double MostDistortion => _tails[0];

    /// <summary>The level at which the last number is under water: the largest v_i, 0 if there is none.</summary>
    public double MostLevel => _variances.Length == 0 ? 0 : _variances[0];

    /// <summary>Rate and distortion of a water level.</summary>
    /// <param name="waterLevel">θ, above 0. Above <see cref="MostLevel"/> nothing changes any more.</param>
    public WaterFilling AtLevel(double waterLevel)
    {
        CheckPositive(waterLevel, nameof(waterLevel));
        return Filling(waterLevel, Above(k => _variances[k] > waterLevel));
    }

    /// <summary>The least distortion of a rate.</summary>
    /// <param name="rateBits">R, bits of all numbers together, at least 0 and finite.</param>
    public WaterFilling AtRate(double rateBits)
    {
        if (!(rateBits >= 0 && double.IsFinite(rateBits))) throw new ArgumentOutOfRangeException(nameof(rateBits), rateBits, "A rate must be finite and at least 0.");
        if (_variances.Length == 0) return default;

        // Group k takes bits where more are sent than those before it take at the level v_k.
        int active = Math.Max(1, Above(k => rateBits > 0.5 * (_logs[k] - _counts[k] * Math.Log2(_variances[k]))));
        double level = Math.Pow(2, (_logs[active] - 2 * rateBits) / _counts[active]);
        return Filling(Math.Min(level, MostLevel), active) with { RateBits = rateBits };
    }

    /// <summary>The least rate of a distortion.</summary>
    /// <param name="distortion">D, above 0. From <see cref="MostDistortion"/> on, nothing is sent and the answer holds that distortion.</param>
    public WaterFilling AtDistortion(double distortion)
    {
        CheckPositive(distortion, nameof(distortion));
        if (distortion >= MostDistortion) return new WaterFilling(MostLevel, 0, MostDistortion);
        int active = Math.Max(1, Above(k => distortion < _counts[k] * _variances[k] + _tails[k]));
        return Filling((distortion - _tails[active]) / _counts[active], active) with { Distortion = distortion };
    }

    /// <summary>min(θ, v): what one number contributes to the weighted distortion.</summary>
    /// <param name="weightedVariance">v, at least 0.</param>
    /// <param name="waterLevel">θ, at least 0.</param>
    public static double ComponentDistortion(double weightedVariance, double waterLevel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(weightedVariance);
        ArgumentOutOfRangeException.ThrowIfNegative(waterLevel);
        return Math.Min(waterLevel, weightedVariance);
    }

    /// <summary>max(0, ½ log₂(v/θ)): the bits that one number takes.</summary>
    /// <param name="weightedVariance">v, at least 0.</param>
    /// <param name="waterLevel">θ, above 0.</param>
    public static double ComponentBits(double weightedVariance, double waterLevel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(weightedVariance);
        CheckPositive(waterLevel, nameof(waterLevel));
        return weightedVariance > waterLevel ? 0.5 * Math.Log2(weightedVariance / waterLevel) : 0;
    }

    // The first groups for which a condition holds that, once false, stays false.
    int Above(Predicate<int> holds)
    {
        int low = 0, high = _variances.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (holds(middle)) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    WaterFilling Filling(double level, int active) =>
        new(level, active == 0 ? 0 : Math.Max(0, 0.5 * (_logs[active] - _counts[active] * Math.Log2(level))), _counts[active] * level + _tails[active]);

    static void CheckPositive(double value, string name)
    {
        if (!(value > 0)) throw new ArgumentOutOfRangeException(name, value, "Expected a number above 0.");
    }
}
