using Google.Protobuf;
using Kneepoint.Coding;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization.RateConstrained;
using Kneepoint.Limits.Size;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.SystemTests.Compression;

namespace Kneepoint.SystemTests.Limits;

/// <summary>What overfitting says about size, on networks that learned 0, 50 and 100 % random labels by heart, as the runtime runs them.</summary>
public sealed class SizeFromBehaviorTests
{
    const int CalibrationSamples = 200;
    static readonly int[] Noises = [0, 50, 100];
    static readonly double[] Prices = [1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3];

    [Fact]
    public void Least_sizes_grow_with_label_noise()
    {
        double[] fromErrors = [.. Noises.Select(noise => BitsFromErrors(new NoisyGlyphs(noise)))], fromLabels = [.. Noises.Select(noise => BitsFromLabels(new NoisyGlyphs(noise), noise))];

        Assert.True(0 < fromErrors[0] && fromErrors[0] < fromErrors[1] && fromErrors[1] < fromErrors[2], string.Join(", ", fromErrors));
        Assert.True(0 == fromLabels[0] && fromLabels[0] < fromLabels[1] && fromLabels[1] < fromLabels[2], string.Join(", ", fromLabels));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(100)]
    public void Networks_know_their_training_labels_by_heart(int noise)
    {
        var network = new NoisyGlyphs(noise);

        Assert.InRange(network.TrainingErrors(network.Model).Rate, 0, 0.005);
    }

    [Fact]
    public void Of_random_labels_no_more_is_known_than_by_chance()
    {
        var errors = new NoisyGlyphs(100).TestErrors(new NoisyGlyphs(100).Model);

        Assert.InRange(1 - 1.0 / NoisyGlyphs.Classes, ClopperPearson.Lower(errors, 0.005), ClopperPearson.Upper(errors, 0.005));
    }

    // The law of every TRUE statement: no file beats it, with the errors that its own network makes.
    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(100)]
    public void No_packed_variant_is_smaller_than_its_own_errors_allow(int noise)
    {
        var network = new NoisyGlyphs(noise);
        int made = 0;
        long fewest = long.MaxValue;
        foreach (var variant in Variants(network))
        {
            long bits = 8 * PackedModel.Pack(variant.Proto.ToByteArray(), cancellation: TestContext.Current.CancellationToken).LongLength;
            var (training, test) = (network.TrainingErrors(variant), network.TestErrors(variant));

            Assert.True(SizeFromOverfitting.Of(training, test).LeastBits < bits);
            Assert.True(LabelBits(training, noise) < bits);
            Assert.True(OccamBound.Of(training, bits, failure: 0.025, NoisyGlyphs.Classes).GuaranteedError >= ClopperPearson.Lower(test, 0.025));
            made++;
            fewest = Math.Min(fewest, bits / 8);
        }

        Assert.True(made > 15, $"{made} variants");
        Assert.InRange(fewest, 0, 4000);
    }

    static IEnumerable<OnnxModel> Variants(NoisyGlyphs network)
    {
        yield return network.Model;
        var calibrator = new OneBatch(network.Model, NoisyGlyphs.TrainingInputs(CalibrationSamples), CalibrationSamples);
        foreach (var method in MethodCatalog.Usual.Concat(Prices.Select(price => new RateConstrainedWeights { Price = price })))
        {
            CompressedNetwork variant;
            try
            {
                variant = Compressor.Apply(network.Model, new Recipe([method.ToStep(Step.WholeNetwork)]), calibrator);
            }
            catch (RecipeNotApplicableException)
            {
                continue;
            }

            yield return variant.Model;
        }
    }

    static double BitsFromErrors(NoisyGlyphs network) =>
        SizeFromOverfitting.Of(network.TrainingErrors(network.Model), network.TestErrors(network.Model)).LeastBits;

    static double BitsFromLabels(NoisyGlyphs network, int noise) => LabelBits(network.TrainingErrors(network.Model), noise);

    static double LabelBits(ErrorCount training, int noise) => MemorizationCount.LeastBits(
        training.Examples, NoisyGlyphs.Classes, training.Rate, MemorizationCount.NoisyLabelBits(NoisyGlyphs.Classes, noise / 100.0));
}
