using Kneepoint.Calibration.Moments;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Restructuring;

/// <summary>A layer that multiplies: its weight as rows [R, K] of products that are summed, and what the calibration samples feed it.</summary>
/// <param name="Layer">The layer: of one group, with one matrix.</param>
/// <param name="Order">K, the columns.</param>
/// <param name="Weight">[R, K].</param>
/// <param name="Moments">Of its input; null where nothing is known.</param>
/// <param name="IsCentered">Whether its bias takes up what shifts its outputs.</param>
record LayerRows(WeightedLayer Layer, int Order, double[] Weight, SplitMoments? Moments, bool IsCentered)
{
    /// <summary>R.</summary>
    public int Rows => Weight.Length / Order;

    /// <summary>Reads a layer.</summary>
    public static LayerRows Of(NetworkRewrite rewrite, WeightedLayer layer, CalibrationEvidence evidence)
    {
        int order = (int)layer.ReductionLength;
        var moments = layer.OtherArithmetic is null && InputForm.Of(layer, out _) is { SlicedColumns: null } form ? evidence.Moments(form) : null;
        if (moments is { First.Rows: 0 } or { Second.Rows: 0 } || moments?.First.Columns != order) moments = null;
        float[] weight = rewrite.WeightOf(layer);
        float[] rows = IsRows(layer) ? weight : Transposed(weight, (int)layer.WeightDimensions[0]);
        return new LayerRows(layer, order, Array.ConvertAll(rows, value => (double)value), moments, IsBiasFree(rewrite, layer));
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

    /// <summary>E[x], [K].</summary>
    /// <exception cref="InvalidOperationException">Nothing is known of the input.</exception>
    public double[] Mean() => SecondMoment.MeanOf((Moments ?? throw new InvalidOperationException("Nothing is known of the input.")).All(), 0);

    /// <summary>What another weight brings on the mean less than this one: the bias takes it up.</summary>
    /// <param name="weight">[R, K].</param>
    public double[] ShiftOf(double[] weight)
    {
        double[] mean = Mean();
        double[] shift = new double[Rows];
        for (int row = 0; row < shift.Length; row++)
        {
            for (int k = 0; k < Order; k++) shift[row] += (Weight[row * Order + k] - weight[row * Order + k]) * mean[k];
        }

        return shift;
    }

    /// <summary>Adds to the layer's bias; a missing one is made.</summary>
    public void AddToBias(NetworkRewrite rewrite, double[] shift)
    {
        float[] bias = LayerBias.Of(rewrite, Layer) ?? new float[shift.Length];
        for (int c = 0; c < bias.Length; c++) bias[c] = (float)(bias[c] + shift[c]);
        while (Layer.Node.Input.Count < 3) Layer.Node.Input.Add("");
        Layer.Node.Input[2] = rewrite.AddInitializer((Layer.BiasName ?? Layer.WeightName) + "_b", Tensor.Of([bias.Length], bias));
    }

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
