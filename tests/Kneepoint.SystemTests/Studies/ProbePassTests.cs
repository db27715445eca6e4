using Kneepoint.App;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Studies;
using Kneepoint.Tests.Studies;

namespace Kneepoint.SystemTests.Studies;

public sealed class ProbePassTests
{
    static readonly string Samples = Path.Combine(Repository.Root, "samples", "glyphs");

    [Fact]
    public void Bug_packed_bytes_stayed_unknown_where_a_study_was_gone_on_with_that_had_not_asked_for_them()
    {
        var before = new ExplorationSettings { Objectives = ["accuracy", "fileBytes"] };
        var after = new ExplorationSettings { Objectives = ["accuracy", "packedBytes"] };
        var subject = SubjectFile.Open(Path.Combine(Samples, "glyphs.onnx"), Path.Combine(Samples, "data.yaml"), new OrtRuntime(1), before, TestContext.Current.CancellationToken);
        using var data = subject.Data;
        var store = new InMemoryStudyStore();
        var recipe = new Recipe([new Step("weight-int8", ["*"], System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty)]);
        CalibrationProbe Probe(ExplorationSettings settings)
        {
            using var pass = new ProbePass(subject, new StudyCalibration(subject, store, settings), store, settings);
            return pass.Of(recipe, _ => { }, TestContext.Current.CancellationToken);
        }

        Assert.Equal(double.NaN, Probe(before).PackedBytes);
        double packed = Probe(after).PackedBytes;

        Assert.InRange(packed, 1, Probe(before).FileBytes);
        Assert.Equal(packed, Probe(before).PackedBytes);
    }
}
