using Kneepoint.App;
using Kneepoint.OnnxRuntime;
using Kneepoint.Studies;

namespace Kneepoint.SystemTests.Studies;

/// <summary>How many samples are evaluated at once.</summary>
public sealed class BatchNearProcessorTests
{
    [Theory]
    [InlineData("squeezenet", "imagenet/squeezenet1.1_227.onnx", 2)]
    [InlineData("kws", "kws/dscnn_kws_ref.onnx", 32)]
    [InlineData("clinc150", "clinc150/clinc_transformer.onnx", 32)]
    public void Bug_batches_of_large_images_waited_for_memory(string data, string model, int expected)
    {
        string file = Path.Combine(Repository.Case(Path.GetDirectoryName(model)!), Path.GetFileName(model));
        var subject = SubjectFile.Open(file, Path.Combine(Repository.Root, "tests", "Kneepoint.SystemTests", "Cases", $"{data}.yaml"), new OrtRuntime(1), new ExplorationSettings(), TestContext.Current.CancellationToken);
        using var samples = subject.Data;

        Assert.Equal(expected, new CostModel(subject).BatchNearProcessor(32));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CostModel(subject).BatchNearProcessor(0));
    }
}
