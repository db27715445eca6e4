namespace Kneepoint.Limits.Noise.Propagation;

/// <summary>One real interval for each element of a tensor: all x with |x − center| ≤ radius.</summary>
/// <remarks>A radius is never negative; where an element or its radius is not a number, nothing is known of it. Steps never change their inputs.</remarks>
sealed class Intervals(double[] center, double[] radius)
{
    /// <summary>Zeros.</summary>
    public Intervals(int count) : this(new double[count], new double[count])
    {
    }

    /// <summary>The middles, row-major.</summary>
    public double[] Center { get; } = center;

    /// <summary>How far the ends lie from the middles.</summary>
    public double[] Radius { get; } = radius;

    /// <summary>The number of elements.</summary>
    public int Count => Center.Length;

    /// <summary>The lower end, rounded down; exact where the radius is 0.</summary>
    public double Low(int i) => Radius[i] == 0 ? Center[i] : Math.BitDecrement(Center[i] - Radius[i]);

    /// <summary>The upper end, rounded up; exact where the radius is 0.</summary>
    public double High(int i) => Radius[i] == 0 ? Center[i] : Math.BitIncrement(Center[i] + Radius[i]);

    /// <summary>Makes an element an interval that contains all of [low, high].</summary>
    public void Set(int i, double low, double high)
    {
        if (low == high)
        {
            (Center[i], Radius[i]) = (low, 0);
            return;
        }

        double middle = low * 0.5 + high * 0.5;
        (Center[i], Radius[i]) = (middle, Math.BitIncrement(Math.Max(high - middle, middle - low)));
    }

    /// <summary>Takes an element from elsewhere as it is.</summary>
    public void Copy(int i, Intervals source, int k) => (Center[i], Radius[i]) = (source.Center[k], source.Radius[k]);

    /// <summary>The radii of products with weights, before these: r_k + γ·|c_k|, what the inputs may move and what rounding the products' sum may lose.</summary>
    public double[] WithRounding(double gamma)
    {
        double[] result = new double[Count];
        for (int i = 0; i < result.Length; i++) result[i] = Radius[i] + gamma * Math.Abs(Center[i]);
        return result;
    }

    /// <summary>An upper bound of |x|, apart from its own two roundings.</summary>
    public double Magnitude(int i) => Math.Abs(Center[i]) + Radius[i];
}
