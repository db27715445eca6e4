using Kneepoint.Calibration.Moments;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Onnx;

namespace Kneepoint.Compression.Pruning;

/// <summary>A layer that multiplies channels which may be cut: its weight as rows [R, K], and what the calibration samples feed it.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Columns">The class of each of the K columns.</param>
/// <param name="Weight">[R, K].</param>
/// <param name="Moments">Of its input; null where nothing is known.</param>
/// <param name="IsCentered">Whether its bias takes up what shifts its outputs.</param>
sealed record ReadingLayer(WeightedLayer Layer, int[] Columns, double[] Weight, SplitMoments? Moments, bool IsCentered)
{
    /// <summary>K.</summary>
    public int Order => Columns.Length;

    /// <summary>R.</summary>
    public int Rows => Weight.Length / Order;

    /// <summary>Reads a layer; null where no class reaches it.</summary>
    public static ReadingLayer? Of(NetworkRewrite rewrite, ChannelGraph graph, WeightedLayer layer, CalibrationEvidence evidence)
    {
        if (graph.ColumnsOf(layer) is not { } columns) return null;
        var moments = layer.OtherArithmetic is null && InputForm.Of(layer, out _) is { } form ? evidence.Moments(form) : null;
        if (moments is { First.Rows: 0 } or { Second.Rows: 0 } || moments?.First.Columns != columns.Length) moments = null;
        float[] rows = RowsOf(layer, rewrite.WeightOf(layer));
        return new ReadingLayer(layer, columns, Array.ConvertAll(rows, value => (double)value), moments, IsBiasFree(rewrite, layer));
    }

    /// <summary>The mean of xxᵀ, or the covariance where the bias is free; the identity where nothing is known. Both triangles, [K, K].</summary>
    public double[] SecondMomentOf(InputMoments? moments)
    {
        double[] full = new double[Order * Order];
        if (moments is null)
        {
            for (int k = 0; k < Order; k++) full[k * Order + k] = 1;
            return full;
        }

        double[] upper = SecondMoment.Of(moments, 0, IsCentered).Upper;
        for (int i = 0; i < Order; i++)
        {
            for (int j = i; j < Order; j++) full[i * Order + j] = full[j * Order + i] = upper[i * Order + j];
        }

        return full;
    }

    /// <summary>The weight as rows of products that are summed.</summary>
    public static float[] RowsOf(WeightedLayer layer, float[] weight) => IsRows(layer) ? weight : Transposed(weight, (int)layer.WeightDimensions[0]);

    /// <summary>Rows in the order in which the layer stores them.</summary>
    public static float[] Stored(WeightedLayer layer, float[] rows, int columns) => IsRows(layer) ? rows : Transposed(rows, rows.Length / columns);

    // Of Conv and matrices whose outputs come first; all others store a column behind the other.
    static bool IsRows(WeightedLayer layer) => layer.OutputAxis == 0;

    static float[] Transposed(float[] values, int rows)
    {
        int columns = values.Length / rows;
        float[] result = new float[values.Length];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c];
        }

        return result;
    }

    static bool IsBiasFree(NetworkRewrite rewrite, WeightedLayer layer) => layer.SharedWith.IsEmpty && layer.OtherArithmetic is null
        && (layer.OpType == "Gemm" ? layer.Node.GetFloat("beta", 1) == 1 && layer.Node.GetFloat("alpha", 1) == 1 && LayerBias.IsPerChannel(layer, rewrite.Index)
            && (layer.BiasName is null || rewrite.Index.TryConstant(layer.BiasName, out _)) : LayerBias.IsFree(rewrite, layer));
}
