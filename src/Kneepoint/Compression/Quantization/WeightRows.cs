using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>A weight as rows [R, K] of products that are summed together, for blocks along K.</summary>
/// <remarks>A matrix [K, N] is transposed, so that a block lies within one output; all others are rows already: of an output channel (Conv, Gemm with transB, MatMul from the left),
/// of an input channel (ConvTranspose), of a table (Gather), of a gate (recurrent operators). Batches of matrices are taken as they lie.</remarks>
sealed class WeightRows
{
    readonly long[] _dims;
    readonly bool _isTransposed;

    WeightRows(float[] values, int columns, long[] dims, bool isTransposed) => (Values, Columns, _dims, _isTransposed) = (values, columns, dims, isTransposed);

    /// <summary>[R, K].</summary>
    public float[] Values { get; }

    /// <summary>K.</summary>
    public int Columns { get; }

    /// <summary>R.</summary>
    public int Rows => Columns == 0 ? 0 : Values.Length / Columns;

    /// <summary>Whether going from row to row is going along one dimension of the stored weight, all others staying.</summary>
    public bool RowsFollowAnAxis => _isTransposed || _dims.Length > 0 && (_dims[0] == Rows || _dims.Length > 1 && _dims[0] == 1 && _dims[1] == Rows);

    /// <summary>Reads a layer's weight.</summary>
    public static WeightRows Of(NetworkRewrite rewrite, WeightedLayer layer)
    {
        float[] values = rewrite.WeightOf(layer);
        long[] dims = [.. layer.WeightDimensions];
        bool isMatrix = dims.Length == 2 && layer.OpType is "MatMul" or "Gemm";
        if (!isMatrix || layer.OutputAxis == 0)
        {
            bool isProduct = layer.OpType is "MatMul" or "Gemm" or "Gather" || layer.IsRecurrent;
            int columns = checked((int)(isProduct ? dims[^1] : values.Length / Math.Max(1, dims[0])));
            return new WeightRows(values, columns, dims, isTransposed: false);
        }

        return new WeightRows(Transpose(values, (int)dims[0], (int)dims[1]), (int)dims[0], dims, isTransposed: true);
    }

    /// <summary>Gives a value of blocks the shape that the layer takes.</summary>
    /// <param name="rewrite">The network.</param>
    /// <param name="stem">A name for what is added.</param>
    /// <param name="value">[R · blocks, block], the weight with K padded.</param>
    /// <param name="paddedColumns">K, padded.</param>
    public string WriteShape(NetworkRewrite rewrite, string stem, string value, int paddedColumns)
    {
        if (paddedColumns != Columns)
        {
            value = Reshape(rewrite, stem, value, [Rows, paddedColumns]);
            value = Slices.Add(rewrite, value, stem, axis: 1, Columns);
        }

        value = Reshape(rewrite, stem, value, _isTransposed ? [_dims[1], _dims[0]] : _dims);
        return _isTransposed ? rewrite.Add(NodeBuilder.Node("Transpose", [value], [rewrite.Fresh(stem + "_t")])) : value;
    }

    /// <summary>Numbers of the rows, [R, K], in the order in which the layer stores its weight.</summary>
    public T[] Stored<T>(T[] rows) => _isTransposed ? Transpose(rows, Rows, Columns) : rows;

    /// <summary>Numbers in the order in which the layer stores its weight, as rows: [R, K].</summary>
    public T[] RowsOf<T>(T[] stored) => _isTransposed ? Transpose(stored, Columns, Rows) : stored;

    static string Reshape(NetworkRewrite rewrite, string stem, string value, long[] dims) =>
        rewrite.Add(NodeBuilder.Node("Reshape", [value, rewrite.AddInitializer("shape", Tensor.Of([dims.Length], dims))], [rewrite.Fresh(stem + "_r")]));

    static T[] Transpose<T>(T[] values, int rows, int columns)
    {
        var result = new T[values.Length];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c];
        }

        return result;
    }
}
