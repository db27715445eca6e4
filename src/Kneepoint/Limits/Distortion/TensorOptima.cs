using Kneepoint.Tensors;

namespace Kneepoint.Limits.Distortion;

/// <summary>The least error that any method of a class can leave on a given tensor.</summary>
/// <remarks>
/// For rows w of a weight and the second moment of what they are fed, the error of a layer's outputs is Σ e·C·eᵀ. No method that keeps a rank, a number of values, a grid or a number of zeros is below these figures:
/// <list type="bullet">
/// <item>Low rank: the least over rank ≤ r of ‖(W − W')·C^½‖² is Σ_{i>r} σ_i²(W·C^½), and it is reached. σ² are eigenvalues of W·C·Wᵀ or of C^½·WᵀW·C^½, whichever is smaller, to about 10⁻¹⁵ of the largest. C may be singular. [Eckart1936]</item>
/// <item>Weight sharing: the least Σ h (w − c(w))² over k values is that of the best clusters on a line, found exactly (<see cref="OptimalKMeans"/>) up to the rounding of their means to binary32.</item>
/// <item>Pruning and rounding: e·H·eᵀ ≥ λ_min(H)·|e|², however what is left is changed to make up for it. k zeros leave |e|² at least the sum of the k smallest w², values on a grid at least that of the squared distances to it. Reached where H is a multiple of the
/// identity; 5 to 9 times too low on usual layers, and 0 where H is singular.</item>
/// </list>
/// </remarks>
public static class TensorOptima
{
    /// <summary>K of the theory.</summary>
    public static Statement Statement { get; } = new('K', "Exact optima for this tensor", LimitStatus.True,
        "squared error of one layer's outputs under the given second moment; low rank and weight sharing are reached, pruning and rounding are bounds from below");

    /// <summary>The least error for every rank: entry r is that of rank r, 0 to the smaller side of the weight.</summary>
    /// <param name="weight">W, [rows, columns].</param>
    /// <param name="rows">At least 1.</param>
    /// <param name="moment">C, [columns, columns], symmetric, no eigenvalue below 0.</param>
    /// <param name="columns">At least 1.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite, or C has an eigenvalue below 0 beyond rounding.</exception>
    public static double[] LowRankErrors(ReadOnlySpan<double> weight, int rows, ReadOnlySpan<double> moment, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (weight.Length != (long)rows * columns) throw new ArgumentException($"{weight.Length} weights are no {rows} rows of {columns}.", nameof(weight));
        double[] turned = SymmetricRoot.Transpose(weight, rows, columns), gram;
        if (rows <= columns)
        {
            gram = SymmetricRoot.Multiply(SymmetricRoot.Multiply(weight, columns, SymmetricRoot.Symmetric(moment, columns), columns), columns, turned, rows);
        }
        else
        {
            double[] root = SymmetricRoot.Of(moment, columns).Root, inner = SymmetricRoot.Multiply(turned, rows, weight, columns);
            gram = SymmetricRoot.Multiply(SymmetricRoot.Multiply(root, columns, inner, columns), columns, root, columns);
        }

        var (energies, _) = SymmetricRoot.Decompose(gram, Math.Min(rows, columns));
        double[] errors = new double[energies.Length + 1];
        for (int r = energies.Length - 1; r >= 0; r--) errors[r] = errors[r + 1] + energies[r];
        return errors;
    }

    /// <summary>The least Σ h_i (w_i − c(i))² with k values c.</summary>
    /// <param name="values">w, finite.</param>
    /// <param name="importance">h, positive, one for each.</param>
    /// <param name="count">k, at least 1.</param>
    public static double SharedValuesError(ReadOnlySpan<float> values, ReadOnlySpan<double> importance, int count) =>
        OptimalKMeans.Distortion(values, importance, OptimalKMeans.Of(values, importance, count));

    /// <summary>λ_min(H)·Σ of the k smallest w²: at least what k zeros cost.</summary>
    /// <param name="weights">All weights of the layer, rows one after the other.</param>
    /// <param name="zeros">k, 0 to all.</param>
    /// <param name="leastEigenvalue">λ_min(H), at least 0: <see cref="LeastEigenvalue"/>.</param>
    public static double PruningFloor(ReadOnlySpan<float> weights, int zeros, double leastEigenvalue)
    {
        CheckEigenvalue(leastEigenvalue);
        if (zeros < 0 || zeros > weights.Length) throw new ArgumentOutOfRangeException(nameof(zeros), zeros, $"Expected 0 to {weights.Length} zeros.");
        double[] squares = new double[weights.Length];
        for (int i = 0; i < squares.Length; i++) squares[i] = (double)weights[i] * weights[i];
        Array.Sort(squares);
        double sum = 0;
        for (int i = 0; i < zeros; i++) sum += squares[i];
        return leastEigenvalue * sum;
    }

    /// <summary>λ_min(H)·Σ of squared distances to the multiples of a step: at least what whole multiples cost.</summary>
    /// <param name="weights">Weights that share the step.</param>
    /// <param name="step">Δ, above 0. That the grid ends somewhere is not used.</param>
    /// <param name="leastEigenvalue">λ_min(H), at least 0: <see cref="LeastEigenvalue"/>.</param>
    public static double RoundingFloor(ReadOnlySpan<float> weights, double step, double leastEigenvalue)
    {
        CheckEigenvalue(leastEigenvalue);
        if (!(step > 0 && double.IsFinite(step))) throw new ArgumentOutOfRangeException(nameof(step), step, "A step must be finite and above 0.");
        double sum = 0;
        foreach (float weight in weights)
        {
            double distance = Math.IEEERemainder(weight, step);
            sum += distance * distance;
        }

        return leastEigenvalue * sum;
    }

    /// <summary>λ_min(H)·Σ of squared distances to the nearest of given values: at least what these values cost.</summary>
    /// <param name="weights">Weights that share the values.</param>
    /// <param name="values">Rising, at least one.</param>
    /// <param name="leastEigenvalue">λ_min(H), at least 0: <see cref="LeastEigenvalue"/>.</param>
    public static double RoundingFloor(ReadOnlySpan<float> weights, ReadOnlySpan<float> values, double leastEigenvalue)
    {
        CheckEigenvalue(leastEigenvalue);
        if (values.IsEmpty) throw new ArgumentOutOfRangeException(nameof(values), "Expected at least one value.");
        double sum = 0;
        foreach (float weight in weights)
        {
            double distance = (double)weight - values[OptimalKMeans.Nearest(values, weight)];
            sum += distance * distance;
        }

        return leastEigenvalue * sum;
    }

    /// <summary>λ_min of a second moment, less what rounding may have added, at least 0.</summary>
    /// <param name="moment">H, [n, n], symmetric, no eigenvalue below 0.</param>
    /// <param name="order">n, at least 1.</param>
    public static double LeastEigenvalue(ReadOnlySpan<double> moment, int order)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        var (values, _) = SymmetricRoot.Decompose(moment, order);

        // The decomposition of a symmetric matrix is exact for one that differs by a small multiple of n·2⁻⁵³ of its norm [GolubVanLoan2013] section 8.3.
        return Math.Max(0, values[^1] - 16 * order * Math.Pow(2, -53) * values[0]);
    }

    static void CheckEigenvalue(double value)
    {
        if (!(value >= 0 && double.IsFinite(value))) throw new ArgumentOutOfRangeException(nameof(value), value, "An eigenvalue must be finite and at least 0.");
    }
}
