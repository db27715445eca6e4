using Kneepoint.Compression.Restructuring;
using Kneepoint.Tensors;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Compression.Pruning;

/// <summary>Lets the columns of a layer that stay make up for those that go.</summary>
/// <remarks>
/// With columns R kept and S gone, min over W'_R of E |W·x − W'_R·x_R|² + λ |W'_R − W_R|² is W_R + W_S·H_SR·(H_RR + λI)⁻¹. λ is the best of four for the second half of the samples
/// when fitted to the first; where none is better than leaving the kept columns alone, they are left. Where the bias is free, H is the covariance and the bias takes up the mean.
/// Source: [He2017] equation 3, the reconstruction step; here in closed form. Cost: |R|³/3 + R·|R|² multiply-adds for each λ.
/// </remarks>
static class LeastSquaresRefit
{
    static readonly double[] Dampings = [1e-3, 1e-2, 1e-1, 1];

    /// <summary>Fits a layer; its removed columns become 0.</summary>
    /// <param name="rewrite">The network.</param>
    /// <param name="reader">The layer.</param>
    /// <param name="removed">The classes that are cut.</param>
    /// <param name="isFitted">Whether the rest is fitted at all; else only the mean is made up for.</param>
    public static void Apply(NetworkRewrite rewrite, ReadingLayer reader, HashSet<int> removed, bool isFitted)
    {
        bool[] gone = [.. reader.Columns.Select(removed.Contains)];
        if (!gone.Contains(true) || !gone.Contains(false) || reader.Moments is null || !reader.Layer.SharedWith.IsEmpty) return;
        double[] cut = Fit(reader, gone, null, 0)!;
        double[] best = isFitted ? Best(reader, gone, cut) : cut;
        if (!best.All(value => float.IsFinite((float)value))) return;
        var layer = reader.Layer;
        float[] stored = LayerRows.Stored(layer, Array.ConvertAll(best, value => (float)value), reader.Order);
        string name = rewrite.AddInitializer(layer.WeightName, Tensor.Of([.. layer.WeightDimensions], stored));
        if (reader.IsCentered) reader.AddToBias(rewrite, reader.ShiftOf(best));
        layer.Node.Input[layer.WeightInput] = name;
        rewrite.Changed();
    }

    static double[] Best(ReadingLayer reader, bool[] gone, double[] cut)
    {
        double[] fitted = reader.SecondMomentOf(reader.Moments!.First), held = reader.SecondMomentOf(reader.Moments.Second);
        (double least, double? damping) = (Error(reader, cut, held), null);
        foreach (double candidate in Dampings)
        {
            if (Fit(reader, gone, fitted, candidate) is not { } weight || !(Error(reader, weight, held) is var error && error < least)) continue;
            (least, damping) = (error, candidate);
        }

        return damping is { } chosen ? Fit(reader, gone, reader.SecondMomentOf(reader.Moments.All()), chosen) ?? cut : cut;
    }

    static double Error(ReadingLayer reader, double[] weight, double[] moment)
    {
        double[] difference = new double[weight.Length];
        for (int i = 0; i < weight.Length; i++) difference[i] = reader.Weight[i] - weight[i];
        return ColumnElimination.Energy(difference, moment, reader.Order);
    }

    // The weight with zeros where columns are gone; without a moment, the rest is as it was. Null where the system cannot be solved.
    static double[]? Fit(ReadingLayer reader, bool[] gone, double[]? moment, double damping)
    {
        int order = reader.Order;
        double[] weight = [.. reader.Weight];
        for (int i = 0; i < weight.Length; i++)
        {
            if (gone[i % order]) weight[i] = 0;
        }

        if (moment is null) return weight;
        int[] kept = [.. Enumerable.Range(0, order).Where(k => !gone[k])], lost = [.. Enumerable.Range(0, order).Where(k => gone[k])];
        double[] system = new double[kept.Length * kept.Length];
        double mean = kept.Sum(k => moment[k * order + k]) / kept.Length;
        for (int i = 0; i < kept.Length; i++)
        {
            for (int j = 0; j < kept.Length; j++) system[i * kept.Length + j] = moment[kept[i] * order + kept[j]];
            system[i * kept.Length + i] += damping * mean;
        }

        if (!(mean > 0) || !FeedbackFactor.TryFactor(system, kept.Length, Environment.ProcessorCount)) return null;
        double[] right = new double[reader.Rows * kept.Length];
        for (int row = 0; row < reader.Rows; row++)
        {
            foreach (int k in lost)
            {
                double w = reader.Weight[row * order + k];
                if (w == 0) continue;
                for (int j = 0; j < kept.Length; j++) right[row * kept.Length + j] += w * moment[k * order + kept[j]];
            }
        }

        SymmetricSolve.Solve(system, kept.Length, right);
        for (int row = 0; row < reader.Rows; row++)
        {
            for (int j = 0; j < kept.Length; j++) weight[row * order + kept[j]] += right[row * kept.Length + j];
        }

        return weight;
    }
}
