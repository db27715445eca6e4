using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Indices;
using Kneepoint.Limits.Distortion;

namespace Kneepoint.Tests.Limits.Distortion;

/// <summary>The coder of packed files on sources whose limits are known: neither below what theory allows nor far above.</summary>
public sealed class CoderOnSourcesTests
{
    const int Rows = 100;
    const int Columns = 500;

    // Models that learn, on 50 000 numbers.
    const double OverheadBits = 0.05;

    [Theory]
    [InlineData("Gauss", 0.31)]
    [InlineData("Gauss", 0.96)]
    [InlineData("Gauss", 2)]
    [InlineData("Gauss", 4)]
    [InlineData("Gauss", 6)]
    [InlineData("Laplace", 0.3)]
    [InlineData("Laplace", 1)]
    [InlineData("Laplace", 3)]
    [InlineData("Laplace", 5)]
    public void The_coder_lies_between_the_limit_and_the_scalar_quantizer_with_its_overhead(string source, double rateBits)
    {
        float[] values = Draws.Of(source, Rows * Columns, 17);
        double step = (source == "Gauss" ? GaussianQuantizer.AtRate(1, rateBits) : LaplaceQuantizer.AtRate(1, rateBits)).Step;
        int[] indices = [.. values.Select(value => (int)Math.Round(value / step))];
        double distortion = Distortion(values, indices);

        // A density's limit for the sample's own variance, which differs from 1 by chance.
        double limitBits = source == "Gauss"
            ? 0.5 * Math.Log2(values.Average(value => (double)value * value) / distortion)
            : ShannonLowerBound.RateBits(DifferentialEntropy.LaplaceBits(values.Average(value => (double)Math.Abs(value))), distortion);
        double gapBits = source == "Gauss" ? ScalarQuantizerGap.GaussianBits(rateBits) : ScalarQuantizerGap.LaplaceBits(rateBits);
        foreach (var model in (IIndexModel[])[MixedIndexModel.Primed(), new AdaptiveIndexModel()])
        {
            double packedBits = PackedBits(model, indices) / values.Length;
            Assert.InRange(packedBits - limitBits, 0, gapBits + OverheadBits);
        }
    }

    [Theory]
    [InlineData("Gauss", 1)]
    [InlineData("Laplace", 0.5)]
    public void The_coder_is_above_the_limit_of_the_very_numbers(string source, double rateBits)
    {
        float[] values = Draws.Of(source, Rows * Columns, 18);
        double step = (source == "Gauss" ? GaussianQuantizer.AtRate(1, rateBits) : LaplaceQuantizer.AtRate(1, rateBits)).Step;
        int[] indices = [.. values.Select(value => (int)Math.Round(value / step))];
        double distortion = Distortion(values, indices);

        var bounds = BlahutArimoto.RateAt(SourceHistogram.OfValues(values, distortion), distortion);

        Assert.InRange(PackedBits(MixedIndexModel.Primed(), indices) / values.Length, bounds.UpperBits, bounds.UpperBits + ScalarQuantizerGap.HighRateBits + OverheadBits);
    }

    static double PackedBits(IIndexModel model, int[] indices)
    {
        var writer = new BitWriter();
        model.Code(writer, [.. indices], new IndexShape(Rows, Columns, 1), IndexBits.ShiftFor(IndexBits.MeanMagnitude(indices)));
        return writer.End().Length * 8.0;
    }

    // Each index is reproduced as the mean of its numbers.
    static double Distortion(float[] values, int[] indices) =>
        indices.Zip(values).GroupBy(pair => pair.First).Sum(cell =>
        {
            double mean = cell.Average(pair => (double)pair.Second);
            return cell.Sum(pair => Math.Pow(pair.Second - mean, 2));
        }) / values.Length;
}
