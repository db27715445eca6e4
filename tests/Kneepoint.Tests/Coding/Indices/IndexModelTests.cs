using CsCheck;
using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Indices;

namespace Kneepoint.Tests.Coding.Indices;

public sealed class IndexModelTests
{
    const int Numbers = 100_000;
    static readonly string[] Models = ["mixed", "primed", "adaptive"];
    static readonly Gen<int> AnyNumber = Gen.OneOf(Gen.Int[-3, 3], Gen.Int[-300, 300], Gen.Int[-int.MaxValue, int.MaxValue], Gen.OneOf((int[])[-int.MaxValue, int.MaxValue, 0, 1, -1]));

    [Fact]
    public void Numbers_of_any_size_shape_and_shift_come_back() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 40], Gen.Int[1, 50], Gen.Int[0, 30]).SelectMany((rows, columns, period, shift) =>
            AnyNumber.Array[rows * columns].Select(values => (values, new IndexShape(rows, columns, period), shift))).Sample((values, shape, shift) =>
        {
            foreach (string model in Models) Assert.Equal(values, Again(model, values, shape, shift));
        }, iter: 60);

    [Fact]
    public void Extremes_come_back_at_every_shift()
    {
        int[] values = [int.MaxValue, -int.MaxValue, 0, 1, -1, int.MaxValue - 1, -int.MaxValue + 1, 1 << 30, -(1 << 30), 15, 16, -14];

        foreach (string model in Models)
        {
            for (int shift = 0; shift <= 30; shift++) Assert.Equal(values, Again(model, values, new IndexShape(3, 4, 2), shift));
        }
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 500, 1)]
    [InlineData(500, 1, 1)]
    [InlineData(5, 3, 9)]
    [InlineData(20, 27, 9)]
    public void Every_shape_comes_back(int rows, int columns, int period)
    {
        var random = new Random(rows + columns);
        int[] values = [.. Enumerable.Range(0, rows * columns).Select(_ => random.Next(-20, 20))];

        foreach (string model in Models) Assert.Equal(values, Again(model, values, new IndexShape(rows, columns, period), 1));
    }

    [Fact]
    public void A_thousand_zeros_take_four_bytes()
    {
        var writer = new BitWriter();
        MixedIndexModel.Primed().Code(writer, new int[1000], new IndexShape(10, 100, 1), 0);

        Assert.InRange(writer.End().Length, 0, 4 + 8);
    }

    [Fact]
    public void Tensors_one_after_the_other_come_back_through_the_same_model()
    {
        foreach (string name in Models) TensorsComeBack(name);
    }

    static void TensorsComeBack(string name)
    {
        var random = new Random(4);
        int[][] tensors = [.. Enumerable.Range(1, 12).Select(i => Enumerable.Range(0, i * 20).Select(_ => random.Next(-i * i, i * i)).ToArray())];
        var (writer, model) = (new BitWriter(), New(name));
        for (int i = 0; i < tensors.Length; i++) model.Code(writer, [.. tensors[i]], new IndexShape(i + 1, 20, 1), i / 3);
        var (reader, second) = (new BitReader(writer.End()), New(name));
        for (int i = 0; i < tensors.Length; i++)
        {
            int[] read = new int[tensors[i].Length];
            second.Code(reader, read, new IndexShape(i + 1, 20, 1), i / 3);
            Assert.Equal(tensors[i], read);
        }
    }

    [Theory]
    [InlineData("Gauss", 0.3)]
    [InlineData("Gauss", 4)]
    [InlineData("Gauss", 30)]
    [InlineData("Laplace", 1.5)]
    [InlineData("Laplace", 20)]
    [InlineData("nine zeros of ten", 3)]
    public void Independent_numbers_cost_little_more_than_their_entropy(string source, double spread)
    {
        var random = new Random(9);
        int[] values = [.. Enumerable.Range(0, Numbers).Select(_ => (int)Math.Round(Draw(source, random) * spread))];
        double entropy = values.CountBy(value => value).Sum(count => -count.Value * Math.Log2(count.Value / (double)Numbers)) / Numbers;
        foreach (string model in (string[])["primed", "adaptive"])
        {
            var writer = new BitWriter();
            New(model).Code(writer, [.. values], new IndexShape(200, 500, 1), IndexBits.ShiftFor(IndexBits.MeanMagnitude(values)));
            Assert.InRange(writer.End().Length * 8.0 / Numbers, entropy * 0.99, entropy + Math.Max(0.02, 0.004 * entropy));
        }
    }

    [Fact]
    public void Rows_and_columns_of_unlike_scale_cost_less_than_the_entropy_of_all()
    {
        var random = new Random(10);
        double[] row = [.. Enumerable.Range(0, 200).Select(_ => Math.Exp(random.NextDouble() * 3))], column = [.. Enumerable.Range(0, 500).Select(_ => Math.Exp(random.NextDouble()))];
        int[] values = [.. Enumerable.Range(0, Numbers).Select(i => (int)Math.Round(Draw("Gauss", random) * row[i / 500] * column[i % 500]))];
        double entropy = values.CountBy(value => value).Sum(count => -count.Value * Math.Log2(count.Value / (double)Numbers)) / Numbers;
        foreach (string model in (string[])["primed", "adaptive"])
        {
            var writer = new BitWriter();
            New(model).Code(writer, [.. values], new IndexShape(200, 500, 1), IndexBits.ShiftFor(IndexBits.MeanMagnitude(values)));
            Assert.InRange(writer.End().Length * 8.0 / Numbers, 0, entropy - 0.2);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 0)]
    [InlineData(5.1, 1)]
    [InlineData(10.1, 2)]
    [InlineData(2147483647, 29)]
    public void A_shift_leaves_5_steps_to_the_mean(double mean, int shift) => Assert.Equal(shift, IndexBits.ShiftFor(mean));

    static double Draw(string source, Random random)
    {
        if (source == "nine zeros of ten" && random.Next(10) != 0) return 0;
        double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return source == "Laplace" ? -Math.Log(1 - random.NextDouble()) * (random.Next(2) * 2 - 1) : normal;
    }

    static IIndexModel New(string model) => model == "adaptive" ? new AdaptiveIndexModel() : model == "mixed" ? new MixedIndexModel() : MixedIndexModel.Primed();

    static int[] Again(string model, int[] values, IndexShape shape, int shift)
    {
        var writer = new BitWriter();
        New(model).Code(writer, [.. values], shape, shift);
        int[] read = new int[values.Length];
        New(model).Code(new BitReader(writer.End()), read, shape, shift);
        return read;
    }
}
