using Kneepoint.App;
using Kneepoint.Compression;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search.Baselines;
using Kneepoint.Studies;
using Kneepoint.Tests.Studies;

namespace Kneepoint.SystemTests.Studies;

/// <summary>Studies that may treat some layers only.</summary>
public sealed class SomeLayersTests
{
    static readonly string Samples = Path.Combine(Repository.Root, "samples", "glyphs");

    [Fact]
    public void Recipes_name_the_chosen_layers_and_no_other_even_where_all_of_them_are_treated()
    {
        var settings = new ExplorationSettings { Methods = ["weight-int8", "weight-int4"] };
        var subject = SubjectFile.Open(Path.Combine(Samples, "glyphs.onnx"), Path.Combine(Samples, "data.yaml"), new OrtRuntime(1), settings, TestContext.Current.CancellationToken);
        using var data = subject.Data;
        string[] chosen = [.. Compressor.LayersOf(subject.Baseline).TakeLast(2).Select(layer => layer.Id)];
        settings = settings with { Layers = [.. chosen], FitsInSuccession = false };
        var store = new InMemoryStudyStore();
        using var probes = new ProbePass(subject, new StudyCalibration(subject, store, settings), store, settings);
        var studySpace = new StudySpace(subject, probes, settings, _ => 1);

        var space = studySpace.Measure(studySpace.Choose(_ => { }, TestContext.Current.CancellationToken), _ => { }, TestContext.Current.CancellationToken);

        var recipes = RandomSearch.Next(space, 100, new HashSet<string>(), 1);
        Assert.Equal(3 * 3 - 1, recipes.Length);
        Assert.All(recipes.SelectMany(recipe => recipe.Steps).SelectMany(step => step.Layers), layer => Assert.Contains(layer, chosen));
        Assert.All(recipes, recipe => Assert.NotNull(space.GenomeOf(recipe)));
    }

    [Fact]
    public void A_layer_that_the_network_has_not_is_named()
    {
        var settings = new ExplorationSettings { Layers = ["no-such-layer"] };
        var subject = SubjectFile.Open(Path.Combine(Samples, "glyphs.onnx"), Path.Combine(Samples, "data.yaml"), new OrtRuntime(1), settings, TestContext.Current.CancellationToken);
        using var data = subject.Data;
        var store = new InMemoryStudyStore();
        using var probes = new ProbePass(subject, new StudyCalibration(subject, store, settings), store, settings);

        Assert.Contains("no-such-layer", Assert.Throws<ArgumentException>(() => new StudySpace(subject, probes, settings, _ => 1)).Message, StringComparison.Ordinal);
    }
}
