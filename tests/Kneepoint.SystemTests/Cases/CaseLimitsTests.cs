using Kneepoint.Limits.OfStudy;
using Kneepoint.Limits.Size;
using Kneepoint.Reports;
using Kneepoint.Storage;

namespace Kneepoint.SystemTests.Cases;

/// <summary>No variant of a real network beats a bound that is called TRUE.</summary>
public sealed class CaseLimitsTests
{
    const double Failure = 0.025;

    [Theory]
    [InlineData("adult", "adult_mlp.onnx", "adult-train")]
    [InlineData("kws", "dscnn_kws_ref.onnx", null)]
    public void No_variant_beats_a_bound_that_is_true(string name, string file, string? train)
    {
        using var folder = new TemporaryFolder();
        string study = folder.File("study");
        var run = Cli.Run(new Dictionary<string, string>(), TimeSpan.FromMinutes(20), "run", Path.Combine(Repository.Case(name), file), "--data", Description(name), "--out", study, "--trials", "6", "--seed", "1");
        Assert.True(run.ExitCode == 0, run.Error);

        var result = Cli.Run(new Dictionary<string, string>(), TimeSpan.FromMinutes(20), ["limits", study, .. train is null ? Array.Empty<string>() : ["--train", Description(train)]]);

        Assert.True(result.ExitCode == 0, result.Error);
        using var store = SqliteStudyStore.OpenExisting(Path.Combine(study, "study.db"));
        var limits = StudyLimits.Read(store)!;
        var document = FrontierDocument.Read(Path.Combine(study, "frontier.json"));
        Assert.NotEmpty(limits.Variants);
        Assert.Equal(train is not null, limits.TrainSamples is not null);
        foreach (var variant in limits.Variants)
        {
            var known = document.Find(variant.Id)!;
            var errors = new ErrorCount((long)Math.Round((1 - known.Accuracy!.Value.Value) * limits.Samples), limits.Samples);
            Assert.True(variant.HeldOutErrorAtMost > errors.Rate);
            Assert.True(variant.SizeAtLeastBits is null || variant.SizeAtLeastBits <= variant.ModelBits, $"{variant.Id}: {variant.SizeAtLeastBits} bits are said to be needed, {variant.ModelBits} were packed.");
            Assert.True(variant.OccamErrorAtMost is null || variant.OccamErrorAtMost >= ClopperPearson.Lower(errors, Failure), $"{variant.Id}: an error of {errors.Rate}, {variant.OccamErrorAtMost} at most.");

            // Exact optima: no weight of as few values, or of as low a rank, errs less. Sums of floats.
            Assert.All(variant.Layers, layer => Assert.True(layer.ErrorOverOptimum is null or >= 1 - 1e-4, $"{variant.Id}, {layer.Layer}: {layer.ErrorOverOptimum}"));
        }

        Assert.All(limits.Precision!.Rows, row => Assert.True(row.CertifiedShare is null || row.MeasuredAccuracy is null || row.CertifiedShare <= row.MeasuredAccuracy));
    }

    static string Description(string name) => Path.Combine(Repository.Root, "tests", "Kneepoint.SystemTests", "Cases", $"{name}.yaml");
}
