using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Onnx;
using Kneepoint.Tensors;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Compression.WeightSharing;

/// <summary>Weights as indices into a codebook of a few numbers that a whole tensor shares.</summary>
/// <remarks>
/// The codebook is the best one for its tensor (<see cref="OptimalKMeans"/>), each weight counting by the second moment of the input that it is multiplied with. Indices are then
/// chosen so that the layer's outputs on the calibration samples change least, as <see cref="DataRounding"/> chooses codes; where nothing is known of the input, the nearest entry.
/// A tensor of more than 2^18 weights has a codebook for each run of output channels of that size. Indices are stored in planes of 4, 2 and 1 bits; a Gather from the
/// codebook makes the weight when the network is loaded, so that the layer runs as a float layer: the file shrinks, the memory of the loaded network does not.
/// Known weakness: rows of unlike size share one codebook; where output channels differ much, a scale for each is better. Source: [Han2016]; the exact codebook as above.
/// </remarks>
public sealed record SharedWeights : CompressionMethod
{
    internal const string MethodName = "shared-weights";
    const int WeightsPerBook = 1 << 18;
    const double LeastImportance = 1e-3;
    const double Damping = 0.01;
    const int Sweeps = 6;
    const int NodeBytes = 600;

    internal static ImmutableArray<int> AllBits { get; } = [2, 3, 4, 5, 6];

    /// <summary>Bits of an index: 2 to 6, for 4 to 64 entries.</summary>
    public int Bits
    {
        get; init => field = AllBits.Contains(value) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Bits must be 2 to 6.");
    } = 4;

    /// <summary>How indices are chosen.</summary>
    public WeightRounding Rounding { get; init; } = WeightRounding.Data;

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "weights that share a few numbers, float activations";

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => StepOptions.Of(
        ("bits", Bits.ToString(CultureInfo.InvariantCulture), "4"), ("rounding", WeightOptions.Text(Rounding), "data"));

    internal static ImmutableArray<CompressionMethod> Grid { get; } = [new SharedWeights(), new SharedWeights { Bits = 3 }];

    internal static CompressionMethod Read(StepOptions options) => new SharedWeights
    {
        Bits = options.Choose("bits", ("4", 4), ("2", 2), ("3", 3), ("5", 5), ("6", 6)),
        Rounding = options.Choose("rounding", ("data", WeightRounding.Data), ("nearest", WeightRounding.Nearest)),
    };

    /// <inheritdoc/>
    public override bool NeedsMoments => Rounding == WeightRounding.Data;

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index) => null;

    /// <inheritdoc/>
    public override long EstimateBytes(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        long books = (layer.WeightCount + WeightsPerBook - 1) / WeightsPerBook;
        return layer.WeightCount * Bits / 8 + books * sizeof(float) * (1L << Bits) + NodeBytes;
    }

    internal override void Apply(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers)
    {
        foreach (var layer in layers)
        {
            rewrite.RequireFiniteWeights(layer);
            rewrite.TakeWeight(layer, rewrite.Once($"{ToText()} {layer.OutputAxis} {layer.WeightName}", () => Add(rewrite, layer)));
            rewrite.Treated(layer, this, Bits, 32);
        }
    }

    string Add(NetworkRewrite rewrite, WeightedLayer layer)
    {
        var rows = WeightRows.Of(rewrite, layer);
        var (grid, codes) = Choose(rewrite, layer, rows);
        string name = layer.WeightName;
        string indices = CodePlanes.Add(rewrite, name, Array.ConvertAll(codes, code => (byte)code), Bits, 0, [rows.Rows, rows.Columns]);
        int entries = 1 << Bits;
        if (grid.Books.Count > 1)
        {
            float[] first = [.. Enumerable.Range(0, rows.Rows).Select(row => (float)(Array.IndexOf([.. grid.Books], grid.BookOf(row)) * entries))];
            string offset = rewrite.AddInitializer(name + "_o", Tensor.Of([rows.Rows, 1], first));
            indices = rewrite.Add(NodeBuilder.Node("Add", [indices, offset], [rewrite.Fresh(name + "_b")]));
        }

        float[] book = new float[grid.Books.Count * entries];
        for (int b = 0; b < grid.Books.Count; b++) grid.Books[b].CopyTo(book, b * entries);
        string integers = rewrite.Add(NodeBuilder.Node("Cast", [indices], [rewrite.Fresh(name + "_j")]).With("to", (long)ElementType.Int32));
        string stored = rewrite.AddInitializer(name + "_k", Tensor.Of([book.Length], book));
        return rows.WriteShape(rewrite, name, rewrite.Add(NodeBuilder.Node("Gather", [stored, integers], [rewrite.Fresh(name + "_w")])), rows.Columns);
    }

    (CodebookGrid Grid, sbyte[] Codes) Choose(NetworkRewrite rewrite, WeightedLayer layer, WeightRows rows)
    {
        string? reason = null;
        var known = Rounding == WeightRounding.Data ? rewrite.Roundings?.MomentsOf(layer, rows, out reason) : null;
        if (known is null && Rounding == WeightRounding.Data) rewrite.RoundedToNearest(layer, reason);
        var all = known?.All();
        SecondMoment[]? moments = all is null ? null : [.. Enumerable.Range(0, all.Groups).Select(group => SecondMoment.Of(all, group))];
        if (moments is not null && (all!.Rows == 0 || moments.Any(moment => !moment.IsFinite))) moments = null;
        var grid = GridOf(rows, moments);
        sbyte[] codes = grid.Nearest(rows.Values);
        if (moments is not null) Improve(rows, grid, codes, moments, rewrite.Roundings!.Threads);
        return (grid, codes);
    }

    CodebookGrid GridOf(WeightRows rows, SecondMoment[]? moments)
    {
        int rowsPerBook = Math.Max(1, WeightsPerBook / Math.Max(1, rows.Columns));
        double[][]? byColumn = moments is null ? null : Array.ConvertAll(moments, Importance);
        var books = new List<float[]>();
        for (int first = 0; first < rows.Rows; first += rowsPerBook)
        {
            int count = Math.Min(rowsPerBook, rows.Rows - first) * rows.Columns;
            double[] importance = new double[count];
            for (int i = 0; i < count; i++) importance[i] = byColumn is null ? 1 : byColumn[(first + i / rows.Columns) / (rows.Rows / byColumn.Length)][i % rows.Columns];
            var values = rows.Values.AsSpan(first * rows.Columns, count);
            float[] book = OptimalKMeans.Of(values, importance, 1 << Bits);

            // Weights that were pruned stay pruned.
            if (values.Count(0f) << Bits > count) book[OptimalKMeans.Nearest(book, 0)] = 0;
            books.Add(book);
        }

        return new CodebookGrid(rows.Rows, rows.Columns, rowsPerBook, [.. books]);
    }

    // Weights of an input that is never fed still need a value.
    static double[] Importance(SecondMoment moment)
    {
        double[] diagonal = moment.Diagonal();
        double mean = diagonal.Sum() / diagonal.Length, least = mean > 0 ? LeastImportance * mean : 1;
        return Array.ConvertAll(diagonal, value => value + least);
    }

    static void Improve(WeightRows rows, CodebookGrid grid, sbyte[] codes, SecondMoment[] moments, int threads)
    {
        int height = rows.Rows / moments.Length;
        for (int group = 0; group < moments.Length; group++)
        {
            var damped = moments[group].Damped(Damping);
            int[] order = FeedbackRounding.Order(damped.Diagonal());
            double[] factor = damped.Reordered(order);
            if (!FeedbackFactor.TryFactor(factor, damped.Columns, threads)) continue;
            int begin = group * height * rows.Columns, count = height * rows.Columns;
            float[] part = rows.Values[begin..(begin + count)];
            var own = new CodebookGrid(height, rows.Columns, 1, [.. Enumerable.Range(group * height, height).Select(grid.BookOf)]);
            sbyte[] fitted = FeedbackRounding.Round(part, Array.ConvertAll(factor, value => (float)value), order, own, threads);
            CodeDescent.Improve(part, damped.Full(), own, fitted, Sweeps, null, threads);
            sbyte[] nearest = codes[begin..(begin + count)];
            if (moments[group].ErrorOf(ErrorOf(part, own, fitted)) < moments[group].ErrorOf(ErrorOf(part, own, nearest))) fitted.CopyTo(codes, begin);
        }
    }

    static float[] ErrorOf(float[] weights, WeightGrid grid, sbyte[] codes)
    {
        float[] error = new float[weights.Length];
        for (int i = 0; i < error.Length; i++) error[i] = grid.Value(codes[i], i / grid.Columns) - weights[i];
        return error;
    }
}
