using Op = System.Func<Kneepoint.SystemTests.Gradients.Oracle.DoubleNode, Kneepoint.SystemTests.Gradients.Oracle.DoubleTensor[]>;

namespace Kneepoint.SystemTests.Gradients.Oracle;

/// <summary>Products of matrices.</summary>
static class DoubleProducts
{
    public static void AddTo(Dictionary<string, Op> known)
    {
        known.Add("Gemm", Gemm);
        known.Add("MatMul", node => [Product(node.X, node.At(1)!)]);
    }

    static DoubleTensor[] Gemm(DoubleNode node)
    {
        DoubleTensor a = node.X, b = node.At(1)!;
        if (node.Int("transA", 0) != 0) a = a.Transpose([1, 0]);
        if (node.Int("transB", 0) != 0) b = b.Transpose([1, 0]);
        var product = Product(a, b).Map(x => x * node.Float("alpha", 1));
        return [node.At(2) is { } c ? DoubleTensor.Zip(product, c.Map(x => x * node.Float("beta", 1)), (x, y) => x + y) : product];
    }

    static DoubleTensor Product(DoubleTensor a, DoubleTensor b)
    {
        bool isRow = a.Rank == 1, isColumn = b.Rank == 1;
        if (isRow) a = a.Reshape([1, a.Dims[0]]);
        if (isColumn) b = b.Reshape([b.Dims[0], 1]);
        int[] batch = DoubleTensor.Joint(DoubleTensor.Zeros(a.Dims[..^2]), DoubleTensor.Zeros(b.Dims[..^2]));
        (int m, int k, int n) = (a.Dims[^2], a.Dims[^1], b.Dims[^1]);
        a = a.Stretch([.. batch, m, k]);
        b = b.Stretch([.. batch, k, n]);
        double[] data = new double[DoubleTensor.Count(batch) * m * n];
        for (int i = 0; i < data.Length; i++)
        {
            int matrix = i / (m * n), row = i / n % m, column = i % n;
            for (int j = 0; j < k; j++) data[i] += a.Data[(matrix * m + row) * k + j] * b.Data[(matrix * k + j) * n + column];
        }

        List<int> dims = [.. batch];
        if (!isRow) dims.Add(m);
        if (!isColumn) dims.Add(n);
        return new DoubleTensor([.. dims], data);
    }
}
