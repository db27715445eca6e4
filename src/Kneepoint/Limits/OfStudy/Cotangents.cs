using Kneepoint.Tensors;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Limits.OfStudy;

/// <summary>Cotangents that are fed to a gradient graph.</summary>
static class Cotangents
{
    /// <summary>Rows of the last dimension: samples, or tokens of them.</summary>
    public static int RowsOf(Tensor output) => (int)(output.ElementCount / Math.Max(1, Width(output)));

    /// <summary>Of −ln p(y) with a class y drawn from the network's own probabilities: the square of a gradient along it is on average that of the Fisher information.</summary>
    /// <remarks>From logits p − e_y, from probabilities −e_y ÷ p_y; a single output is that of class 1 of two. Each row draws for itself.</remarks>
    public static Tensor OfDrawnClass(Tensor output, bool isProbability, Xoshiro256 random)
    {
        int width = Width(output);
        float[] cotangent = new float[output.ElementCount];
        var values = output.Values<float>();
        double[] shares = new double[Math.Max(2, width)];
        for (int row = 0; row < values.Length; row += width)
        {
            Shares(values.Slice(row, width), isProbability, shares);
            Write(cotangent.AsSpan(row, width), shares, Draw(shares, random.NextDouble()), isProbability);
        }

        return Tensor.Of([.. output.Dimensions], cotangent);
    }

    /// <summary>Of −ln p(label), summed over the rows; rows of a negative label are left out.</summary>
    public static Tensor OfLabels(Tensor output, ReadOnlySpan<long> labels, bool isProbability)
    {
        int width = Width(output);
        float[] cotangent = new float[output.ElementCount];
        var values = output.Values<float>();
        double[] shares = new double[Math.Max(2, width)];
        for (int row = 0; row < labels.Length && (row + 1) * width <= values.Length; row++)
        {
            if (labels[row] < 0 || labels[row] >= shares.Length) continue;
            Shares(values.Slice(row * width, width), isProbability, shares);
            Write(cotangent.AsSpan(row * width, width), shares, (int)labels[row], isProbability);
        }

        return Tensor.Of([.. output.Dimensions], cotangent);
    }

    /// <summary>Signs at random: the square of a gradient along them is on average the sum over all outputs.</summary>
    public static Tensor OfSigns(Tensor output, Xoshiro256 random)
    {
        float[] signs = new float[output.ElementCount];
        for (int i = 0; i < signs.Length; i++) signs[i] = (random.Next() >> 63) == 0 ? 1 : -1;
        return Tensor.Of([.. output.Dimensions], signs);
    }

    static int Width(Tensor output) => output.Dimensions.Count == 0 ? 1 : (int)output.Dimensions[^1];

    static void Shares(ReadOnlySpan<float> row, bool isProbability, Span<double> shares)
    {
        if (row.Length == 1)
        {
            shares[1] = isProbability ? row[0] : 1 / (1 + Math.Exp(-row[0]));
            shares[0] = 1 - shares[1];
            return;
        }

        double sum = 0, top = double.NegativeInfinity;
        foreach (float value in row) top = Math.Max(top, value);
        for (int i = 0; i < row.Length; i++) sum += shares[i] = isProbability ? row[i] : Math.Exp(row[i] - top);
        for (int i = 0; i < row.Length; i++) shares[i] /= sum;
    }

    static int Draw(ReadOnlySpan<double> shares, double uniform)
    {
        for (int i = 0; i < shares.Length - 1; i++)
        {
            if (uniform < shares[i]) return i;
            uniform -= shares[i];
        }

        return shares.Length - 1;
    }

    static void Write(Span<float> cotangent, ReadOnlySpan<double> shares, int label, bool isProbability)
    {
        const double Least = 1e-12;
        if (cotangent.Length == 1)
        {
            double p = shares[1];
            cotangent[0] = (float)(isProbability ? (label == 1 ? -1 / Math.Max(p, Least) : 1 / Math.Max(1 - p, Least)) : p - label);
            return;
        }

        for (int i = 0; i < cotangent.Length; i++) cotangent[i] = isProbability ? 0 : (float)shares[i];
        cotangent[label] -= isProbability ? (float)(1 / Math.Max(shares[label], Least)) : 1;
    }
}
