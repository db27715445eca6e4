namespace Kneepoint.Limits.Distortion;

/// <summary>Reverse water-filling for a Gaussian vector whose numbers depend on one another, under a quadratic loss.</summary>
/// <remarks>
/// For w ~ N(μ, Σ) and the loss E (w − ŵ)ᵀΛ(w − ŵ), the numbers u = Vᵀ·Λ^½·(w − μ) are independent with the variances v_i, where V and v are the eigenvectors and eigenvalues of Λ^½·Σ·Λ^½, and the loss is E|u − û|²:
/// the independent case (<see cref="ReverseWaterFilling"/>) along these directions. Back in the weights, with S = diag(s_i), D = diag(min(θ, v_i)), s_i = 1 − D_i/v_i and Λ^(−½) the pseudo-inverse,
/// ŵ = μ + A·(w − μ) + n with A = Λ^(−½)·V·S·Vᵀ·Λ^½ and n ~ N(0, Λ^(−½)·V·D·S·Vᵀ·Λ^(−½)): the forward channel of <see cref="ComponentNoise"/>. What costs nothing (the null space of Λ) is left at its mean.
/// Cost: O(n³). Source: [CoverThomas2006] section 10.3.3; [Gao2019] for the weighted form.
/// </remarks>
public sealed class CorrelatedWaterFilling
{
    readonly double[] _values;
    readonly double[] _vectors;
    readonly double[] _root;
    readonly double[] _inverseRoot;

    /// <summary>Finds the independent directions.</summary>
    /// <param name="covariance">Σ, [n, n], symmetric, no eigenvalue below 0.</param>
    /// <param name="sensitivity">Λ, [n, n], symmetric, no eigenvalue below 0.</param>
    /// <param name="order">n, at least 1.</param>
    /// <exception cref="ArgumentException">A length is not n².</exception>
    /// <exception cref="ArgumentOutOfRangeException">A matrix has an eigenvalue below 0 beyond rounding, or a number that is not finite.</exception>
    public CorrelatedWaterFilling(ReadOnlySpan<double> covariance, ReadOnlySpan<double> sensitivity, int order)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        SymmetricRoot.Decompose(covariance, order);
        Order = order;
        (_root, _inverseRoot) = SymmetricRoot.Of(sensitivity, order);
        double[] weighted = SymmetricRoot.Multiply(SymmetricRoot.Multiply(_root, order, covariance, order), order, _root, order);
        (_values, _vectors) = SymmetricRoot.Decompose(weighted, order);

        // A direction whose variance is all rounding takes no bits.
        double least = 1e-14 * order * _values[0];
        for (int i = 0; i < order; i++) _values[i] = _values[i] > least ? _values[i] : 0;
        Components = new ReverseWaterFilling([.. _values.Select(value => new ComponentGroup(value, 1))]);
    }

    /// <summary>n.</summary>
    public int Order { get; }

    /// <summary>v: eigenvalues of Λ^½·Σ·Λ^½, largest first.</summary>
    public ReadOnlySpan<double> WeightedVariances => _values;

    /// <summary>The same numbers as an independent source: rate, distortion and water level.</summary>
    public ReverseWaterFilling Components { get; }

    /// <summary>A, [n, n]: what is left of w − μ in the reproduction.</summary>
    /// <param name="waterLevel">θ, above 0.</param>
    public double[] ShrinkMatrix(double waterLevel) => Between(i => Noise(i, waterLevel).Shrink, _root);

    /// <summary>The covariance of the noise n, [n, n].</summary>
    /// <param name="waterLevel">θ, above 0.</param>
    public double[] NoiseCovariance(double waterLevel) => Between(i => Math.Pow(Noise(i, waterLevel).NoiseStandardDeviation, 2), _inverseRoot);

    /// <summary>F, [n, n]: F·z is noise of <see cref="NoiseCovariance"/> for n independent standard normal z.</summary>
    /// <param name="waterLevel">θ, above 0.</param>
    public double[] NoiseFactor(double waterLevel)
    {
        double[] scaled = SymmetricRoot.Transpose(_vectors, Order, Order);
        for (int column = 0; column < Order; column++)
        {
            double deviation = Noise(column, waterLevel).NoiseStandardDeviation;
            for (int row = 0; row < Order; row++) scaled[row * Order + column] *= deviation;
        }

        return SymmetricRoot.Multiply(_inverseRoot, Order, scaled, Order);
    }

    /// <summary>E (w − ŵ)(w − ŵ)ᵀ on what costs anything, [n, n]: Λ^(−½)·V·D·Vᵀ·Λ^(−½).</summary>
    /// <param name="waterLevel">θ, above 0.</param>
    public double[] ErrorCovariance(double waterLevel) => Between(i => Noise(i, waterLevel).ErrorVariance, _inverseRoot);

    ComponentNoise Noise(int component, double waterLevel) => ComponentNoise.At(_values[component], 1, waterLevel);

    // Λ^(−½)·V·diag(f)·Vᵀ·right.
    double[] Between(Func<int, double> factor, double[] right)
    {
        double[] middle = SymmetricRoot.Sum(_vectors, Order, factor);
        return SymmetricRoot.Multiply(SymmetricRoot.Multiply(_inverseRoot, Order, middle, Order), Order, right, Order);
    }
}
