using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>The scales of a whole network in 8 bits each: a sign and one of 128 numbers, eight to the octave.</summary>
/// <remarks>
/// A scale becomes ±2^(k/8) with the nearest k: at most 4.4 % off, 2.5 % in the root mean square, to which the squared error of a well chosen step is blind in first order; codes are chosen for the scale as it is
/// stored. The numbers of a network span 16 octaves, those with most of its scales; a layer with others stores binary16. All scales lie in one tensor, which a Gather from a table of 256 numbers makes float when the
/// network is loaded and a Split hands to the layers, so that a layer costs its bytes and a name. The table is a product of 32 powers of two and 8 fractions, exact.
/// Source: [Dettmers2023b] section 3, double quantization; here on a logarithmic grid.
/// </remarks>
sealed class LogarithmicScales
{
    const int StepsPerOctave = 8, Octaves = 16, Codes = 2 * Octaves * StepsPerOctave;

    // Of a normal binary32.
    const int LeastExponent = -126;

    // Below, the table outweighs what is saved.
    const int LeastCount = 384;

    // 2^(j/8), and the geometric means of neighbors.
    static readonly float[] Fractions = [1f, 1.09050775f, 1.18920708f, 1.29683959f, 1.41421354f, 1.54221082f, 1.68179286f, 1.8340081f];
    static readonly float[] Bounds = [1.04427373f, 1.13878858f, 1.24185777f, 1.35425556f, 1.47682619f, 1.61049032f, 1.75625217f, 1.91520655f];

    readonly List<(string Value, float[] Scales, long[] Dimensions)> _layers = [];

    /// <summary>The number of the grid that is nearest in ratio.</summary>
    /// <param name="scale">A normal number; others stay as they are.</param>
    public static float Nearest(float scale)
    {
        if (!float.IsNormal(scale)) return scale;
        var (exponent, step) = Place(scale);
        return MathF.CopySign(MathF.ScaleB(Fractions[step], exponent), scale);
    }

    /// <summary>The nearest number of the grid and its two neighbors.</summary>
    public static float[] Around(float scale) => [Nearest(scale), Nearest(scale * Fractions[1]), Nearest(scale / Fractions[1])];

    /// <summary>Adds the scales of a layer; <see cref="Write"/> makes the value.</summary>
    /// <returns>The name of the value with the scales.</returns>
    public string Add(NetworkRewrite rewrite, string stem, float[] scales, ReadOnlySpan<long> dimensions)
    {
        string value = rewrite.Fresh(stem + "_s");
        _layers.Add((value, scales, dimensions.ToArray()));
        return value;
    }

    /// <summary>Writes all scales that were added.</summary>
    public void Write(NetworkRewrite rewrite)
    {
        if (_layers.Count == 0) return;
        int bottom = _layers.Select(layer => Bottom(layer.Scales)).MaxBy(lowest => Within(lowest).Sum(layer => layer.Scales.Length));
        var together = Within(bottom).ToList();
        if (together.Sum(layer => (long)layer.Scales.Length) < LeastCount) together.Clear();
        foreach (var layer in _layers.Except(together)) HalfScales.AddAs(rewrite, layer.Value, layer.Scales, layer.Dimensions);
        if (together.Count > 0) WriteTogether(rewrite, together, bottom);
        _layers.Clear();
        rewrite.Changed();
    }

    // The octaves that end with a layer's largest scale.
    static int Bottom(float[] scales) => scales.Where(float.IsNormal).Select(scale => Place(scale).Exponent).DefaultIfEmpty(0).Max() - Octaves + 1;

    IEnumerable<(string Value, float[] Scales, long[] Dimensions)> Within(int bottom) =>
        _layers.Where(layer => bottom >= LeastExponent && layer.Scales.All(scale => IsOfGrid(scale, bottom)));

    static void WriteTogether(NetworkRewrite rewrite, List<(string Value, float[] Scales, long[] Dimensions)> layers, int bottom)
    {
        byte[] codes = [.. layers.SelectMany(layer => layer.Scales).Select(scale => CodeOf(scale, bottom))];
        string stored = rewrite.AddInitializer("scales_q", Tensor.Of<byte>(ElementType.UInt8, [codes.Length, 1], codes));
        string indices = rewrite.Add(NodeBuilder.Node("Cast", [stored], [rewrite.Fresh("scales_i")]).With("to", (long)ElementType.Int32));
        string all = rewrite.Fresh("scales");
        rewrite.Add(NodeBuilder.Node("Gather", [Table(rewrite, bottom), indices], [all]));
        string[] pieces = [.. layers.Select(layer => IsColumn(layer.Dimensions) ? layer.Value : rewrite.Fresh(layer.Value + "_c"))];
        Slices.Split(rewrite, all, pieces, [.. layers.Select(layer => layer.Scales.LongLength)]);
        for (int i = 0; i < pieces.Length; i++)
        {
            if (pieces[i] == layers[i].Value) continue;
            string shape = rewrite.AddInitializer("shape", Tensor.Of([layers[i].Dimensions.Length], layers[i].Dimensions));
            rewrite.Add(NodeBuilder.Node("Reshape", [pieces[i], shape], [layers[i].Value]));
        }
    }

    // [256]: the number of each code, negative ones behind.
    static string Table(NetworkRewrite rewrite, int bottom)
    {
        float[] powers = [.. Enumerable.Range(0, 2 * Octaves).Select(i => MathF.ScaleB(i < Octaves ? 1 : -1, bottom + i % Octaves))];
        string left = rewrite.AddInitializer("scales_p", Tensor.Of([powers.Length, 1], powers));
        string right = rewrite.AddInitializer("scales_f", Tensor.Of([1, StepsPerOctave], Fractions));
        string table = rewrite.Add(NodeBuilder.Node("Mul", [left, right], [rewrite.Fresh("scales_m")]));
        return rewrite.Add(NodeBuilder.Node("Reshape", [table, rewrite.AddInitializer("shape", Tensor.Of([1], [(long)Codes]))], [rewrite.Fresh("scales_t")]));
    }

    static bool IsColumn(long[] dimensions) => dimensions is [_, 1];

    static bool IsOfGrid(float scale, int bottom) =>
        float.IsNormal(scale) && Place(scale).Exponent is var exponent && exponent >= bottom && exponent < bottom + Octaves && Nearest(scale) == scale;

    static byte CodeOf(float scale, int bottom)
    {
        var (exponent, step) = Place(scale);
        return (byte)((scale < 0 ? Codes / 2 : 0) + (exponent - bottom) * StepsPerOctave + step);
    }

    static (int Exponent, int Step) Place(float scale)
    {
        int exponent = Math.ILogB(scale), step = 0;
        float fraction = MathF.ScaleB(Math.Abs(scale), -exponent);
        while (step < StepsPerOctave && fraction >= Bounds[step]) step++;
        return step < StepsPerOctave ? (exponent, step) : (exponent + 1, 0);
    }
}
