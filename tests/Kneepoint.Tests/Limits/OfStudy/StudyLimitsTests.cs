using System.Text;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Measurement;
using Kneepoint.Studies;
using Kneepoint.Tests.Studies;

namespace Kneepoint.Tests.Limits.OfStudy;

public sealed class StudyLimitsTests
{
    [Fact]
    public void All_that_is_kept_reads_back_to_the_same_bytes_infinities_and_nan_included()
    {
        using var store = new InMemoryStudyStore();
        Assert.Null(StudyLimits.Read(store));
        var limits = Full();

        limits.Write(store);
        var again = StudyLimits.Read(store)!;

        Assert.Equal(limits.ToJson(), again.ToJson());
        Assert.Equal(new Interval(double.PositiveInfinity, 1.27, double.PositiveInfinity), again.Variants[0].NoiseRate);
        Assert.True(double.IsNaN(again.Variants[0].NoiseRateByDivergence!.Value.High));
        Assert.Equal(limits.Noise!.Points, again.Noise!.Points);
        Assert.Equal(limits.Variants[0].Layers, again.Variants[0].Layers);
        Assert.Equal(limits.Variants[0].Predicted, again.Variants[0].Predicted);
        Assert.Equal(limits.Precision!.Rows, again.Precision!.Rows);
        Assert.Equal(limits.Missing, again.Missing);
        Assert.Equal((limits.MdlChoice, limits.Ranks, limits.Resolution), (again.MdlChoice, again.Ranks, again.Resolution));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"samples\":1}")]
    [InlineData("{\"samples\":1,\"variants\":null}")]
    [InlineData("{\"samples\":1,\"variants\":[null]}")]
    [InlineData("{\"samples\":\"many\",\"variants\":[]}")]
    [InlineData("{\"samples\":1,\"variants\":[{}]}")]
    [InlineData("{\"samples\":1,\"variants\":[{\"id\":null}]}")]
    [InlineData("{\"samples\":1,\"variants\":[{\"id\":\"a\",\"layers\":null}]}")]
    [InlineData("{\"samples\":1,\"variants\":[],\"missing\":null}")]
    [InlineData("{\"samples\":1,\"variants\":[],\"noise\":{\"samples\":1}}")]
    [InlineData("{\"samples\":1,\"variants\":[],\"mdlChoice\":{\"tenth\":\"a\",\"asMeasured\":\"b\",\"tenfold\":\"c\"}}")]
    public void A_damaged_entry_is_one_sentence_that_says_what_to_do(string stored)
    {
        using var store = new InMemoryStudyStore();
        store.Put(StudyLimits.Entry, Encoding.UTF8.GetBytes(stored));

        Assert.Contains("run 'kneepoint limits' again", Assert.Throws<StudyStoreException>(() => StudyLimits.Read(store)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Truncation_and_noise_end_in_no_other_exception()
    {
        byte[] whole = Full().ToJson();
        var random = new Random(1);
        for (int round = 0; round < 500; round++)
        {
            byte[] broken = whole[..random.Next(1, whole.Length + 1)];
            broken[random.Next(broken.Length)] = (byte)random.Next(32, 127);
            using var store = new InMemoryStudyStore();
            store.Put(StudyLimits.Entry, broken);
            try
            {
                StudyLimits.Read(store);
            }
            catch (StudyStoreException)
            {
            }
        }
    }

    [Fact]
    public void The_next_choice_is_where_the_totals_of_two_variants_cross()
    {
        var limits = Of(100, ("small", 1000, 400), ("middle", 3000, 300), ("large", 9000, 100));

        // 1000 + 4n = 3000 + 3n at 2,000 labels; 1000 + 4n = 9000 + n at 2,667.
        Assert.Equal(2000, limits.LabelsOfNextChoice!.Value, 1e-9);
    }

    [Fact]
    public void There_is_no_next_choice_where_no_larger_network_knows_the_labels_better()
    {
        Assert.Null(Of(100, ("small", 1000, 100), ("large", 9000, 100)).LabelsOfNextChoice);
        Assert.Null((Of(100, ("small", 1000, 400), ("large", 9000, 100)) with { Labels = null }).LabelsOfNextChoice);
        Assert.Null((Of(100, ("small", 1000, 400), ("large", 9000, 100)) with { MdlChoice = null }).LabelsOfNextChoice);
    }

    [Fact]
    public void Labels_without_a_network_take_the_logarithm_of_the_classes_each()
    {
        Assert.Equal(3000, (Of(1000, ("a", 1, 1)) with { Classes = 8 }).LabelBitsWithoutNetwork);
        Assert.Null(Of(1000, ("a", 1, 1)).LabelBitsWithoutNetwork);
        Assert.Null((Of(1000, ("a", 1, 1)) with { Classes = 8, Labels = null }).LabelBitsWithoutNetwork);
    }

    [Fact]
    public void A_total_needs_both_parts()
    {
        Assert.Equal(7, new VariantLimits("a") { ModelBits = 3, LabelBits = 4 }.TotalBits);
        Assert.Null(new VariantLimits("a") { ModelBits = 3 }.TotalBits);
        Assert.Null(new VariantLimits("a") { LabelBits = 3 }.TotalBits);
    }

    static StudyLimits Of(long labels, params (string Id, double Model, double Labels)[] variants) =>
        new(labels, [.. variants.Select(variant => new VariantLimits(variant.Id) { ModelBits = variant.Model, LabelBits = variant.Labels })]) { Labels = labels, MdlChoice = new MdlChoices(variants[0].Id, variants[0].Id, variants[^1].Id) };

    static StudyLimits Full() => new(3000,
    [
        new VariantLimits("a")
        {
            ModelBits = 8000, LabelBits = 12.5, HeldOutErrorAtMost = 0.04, ChosenErrorAtMost = 0.05, TrainErrors = 3, OccamErrorAtMost = 0.9, IsOccamVacuous = true, SizeAtLeastBits = 100, BitsPerWeight = 3.5, GapBitsPerWeight = -0.25,
            Layers = [new LayerCode("conv \"1\" <b>", 100, 350, double.PositiveInfinity, 3.25, 'H', null, null) { ErrorOverOptimum = 1.5 }, new LayerCode("gone", 10, 0, null, null, null, null, "channels are gone")],
            NoiseRate = new Interval(double.PositiveInfinity, 1.27, double.PositiveInfinity), NoiseRateByDivergence = new Interval(2, double.NegativeInfinity, double.NaN),
            Predicted = new PredictedLoss(0.1, null, -0.01, 30, 29, 0.09, 0.01, 0.08, new Interval(0.01, 0, 0.02), null) { MaySaturate = true },
        },
        new VariantLimits("b"),
    ])
    {
        Labels = 3000,
        MdlChoice = new MdlChoices("a", "b", "b"),
        TrainSamples = 50,
        Resolution = new TestSetResolution(0.006, 0.003, 0.005),
        Classes = 16,
        GradientSamples = 256,
        Noise = new NoiseFrontier(3000, 2, 110, [new NoisePoint(0.25, new Interval(-0.2, -0.3, -0.1), 0.5, new Interval(0.5, 0.25, 0.75)), new NoisePoint(5, default, null, default)]),
        Precision = new PrecisionTable([new PrecisionRow(4, 11.9, 0.1, 0.05, null, 0)], 256, 256, 500, null, "It takes too long."),
        Ranks = new PredictionRanks(7, 4, 0.5, null, -1, 1, null, null, 0.25, null),
        Missing = [new MissingLimit('D', "A prequential code needs training.")],
    };
}
