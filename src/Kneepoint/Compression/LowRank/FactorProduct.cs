using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.LowRank;

/// <summary>Multiplies the two layers that a layer was factored into.</summary>
static class FactorProduct
{
    /// <summary>The weight that both are together, in the order of the layer.</summary>
    /// <param name="rewrite">The variant before it is compacted.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="parts">Its own name, that of the second factor; then that of the first.</param>
    /// <param name="values">Weights by <see cref="WeightTaps.WeightKey"/>.</param>
    /// <returns>Null where the forms do not belong together.</returns>
    public static Tensor? Of(NetworkRewrite rewrite, WeightedLayer layer, string[] parts, IReadOnlyDictionary<string, Tensor> values)
    {
        Tensor second = values[WeightTaps.WeightKey(parts[0])], first = values[WeightTaps.WeightKey(parts[1])];
        if (layer.OpType == "Conv") return OfConvolutions(first, second);
        if (first.Dimensions.Count != 2 || second.Dimensions.Count != 2) return null;

        // Rows of outputs; a product from the left and a Gemm of factors hold them so, all others by columns.
        bool HasRows(string part) => rewrite.NodeOf(part) is { } node && (node.OpType == "Gemm" ? node.GetInt("transB", 0) != 0 : node.OpType == "MatMul" && layer.WeightInput == 0);
        double[] RowsOf(Tensor weight, bool hasRows, out int columns)
        {
            columns = (int)weight.Dimensions[hasRows ? 1 : 0];
            float[] rows = hasRows ? [.. weight.Values<float>()] : Turned(weight.Values<float>(), (int)weight.Dimensions[1]);
            return Array.ConvertAll(rows, value => (double)value);
        }

        double[] left = RowsOf(second, HasRows(parts[0]), out int rank), right = RowsOf(first, HasRows(parts[1]), out int order);
        if (right.Length != rank * order) return null;
        float[] product = Array.ConvertAll(Spectrum.Multiply(left, rank, right, order), value => (float)value);
        int rowCount = left.Length / rank;
        return layer.OutputAxis == 0 || layer.WeightInput == 0 ? Tensor.Of([rowCount, order], product) : Tensor.Of([order, rowCount], Turned(product, order));
    }

    static Tensor? OfConvolutions(Tensor first, Tensor second)
    {
        var (a, b) = (first.Dimensions, second.Dimensions);
        if (a.Count != b.Count || a[0] != b[1]) return null;
        int rank = (int)a[0], rows = (int)b[0], channels = (int)a[1];
        if (b.Skip(2).All(size => size == 1))
        {
            int order = (int)(first.ElementCount / rank);
            double[] product = Spectrum.Multiply(Doubles(second), rank, Doubles(first), order);
            return Tensor.Of([rows, .. a.Skip(1)], Array.ConvertAll(product, value => (float)value));
        }

        if (a.Count != 4 || a[3] != 1 || b[2] != 1) return null;
        int height = (int)a[2], width = (int)b[3];
        double[] column = Doubles(first), row = Doubles(second);
        float[] weight = new float[rows * channels * height * width];
        for (int n = 0; n < rows; n++)
        {
            for (int k = 0; k < channels * height; k++)
            {
                for (int j = 0; j < width; j++)
                {
                    double sum = 0;
                    for (int r = 0; r < rank; r++) sum += row[(n * rank + r) * width + j] * column[r * channels * height + k];
                    weight[(n * channels * height + k) * width + j] = (float)sum;
                }
            }
        }

        return Tensor.Of([rows, channels, height, width], weight);
    }

    /// <summary>A matrix transposed.</summary>
    /// <param name="matrix">[rows, columns].</param>
    /// <param name="columns">Its columns.</param>
    public static float[] Turned(ReadOnlySpan<float> matrix, int columns)
    {
        int rows = matrix.Length / columns;
        float[] turned = new float[matrix.Length];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++) turned[j * rows + i] = matrix[i * columns + j];
        }

        return turned;
    }

    static double[] Doubles(Tensor tensor) => Array.ConvertAll([.. tensor.Values<float>()], value => (double)value);
}
