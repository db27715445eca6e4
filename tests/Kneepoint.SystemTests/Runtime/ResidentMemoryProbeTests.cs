using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Runtime;

public sealed class ResidentMemoryProbeTests
{
    const long Mebibyte = 1 << 20;
    static readonly string App = Path.Combine(AppContext.BaseDirectory, "Kneepoint.App.dll");

    [Fact]
    public void Figure_repeats_within_some_mebibytes_and_holds_the_weights()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsWindows(), "The system does not tell.");
        using var folder = new TemporaryFolder();
        string file = Save(Product(2048), folder);
        var probe = new ResidentMemoryProbe("dotnet", [App, "probe-memory"]);
        var inputs = new Dictionary<string, Tensor> { ["x"] = Tensor.Of([1, 2048], new float[2048]) };

        var first = probe.Measure(file, inputs, 1, TestContext.Current.CancellationToken);
        var second = probe.Measure(file, inputs, 1, TestContext.Current.CancellationToken);

        Assert.Empty(first.Findings);
        Assert.InRange(first.Bytes!.Value, 16 * Mebibyte, 5 * 16 * Mebibyte);
        Assert.InRange(first.LowBytes, 0, first.Bytes.Value);
        Assert.InRange(first.HighBytes, first.Bytes.Value, long.MaxValue);
        Assert.InRange(second.Bytes!.Value, first.Bytes.Value - 3 * Mebibyte, first.Bytes.Value + 3 * Mebibyte);
    }

    [Fact]
    public void Child_that_fails_is_a_finding_with_its_sentence()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsWindows(), "The system does not tell.");
        var probe = new ResidentMemoryProbe("dotnet", [App, "probe-memory"]) { Repeats = 1 };

        var result = probe.Measure("no-such-model.onnx", new Dictionary<string, Tensor>(), 1, TestContext.Current.CancellationToken);

        Assert.Null(result.Bytes);
        var finding = Assert.Single(result.Findings);
        Assert.Equal("resident-peak-not-measured", finding.Code);
        Assert.Contains("no-such-model.onnx", finding.Message, StringComparison.Ordinal);
        Assert.Contains("code 2", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Program_that_cannot_be_started_is_a_finding()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsWindows(), "The system does not tell.");
        var probe = new ResidentMemoryProbe("/no/such/program", []);

        var result = probe.Measure("model.onnx", new Dictionary<string, Tensor>(), 1, TestContext.Current.CancellationToken);

        Assert.Contains("cannot be started", Assert.Single(result.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Child_that_takes_too_long_is_ended()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a program that waits.");
        var probe = new ResidentMemoryProbe("/bin/sh", ["-c", "exec sleep 60"]) { ChildLimit = TimeSpan.FromMilliseconds(200) };

        var result = probe.Measure("model.onnx", new Dictionary<string, Tensor>(), 1, TestContext.Current.CancellationToken);

        Assert.Contains("took longer than 0.2 s", Assert.Single(result.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancellation_is_not_a_result()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a program that waits.");
        var probe = new ResidentMemoryProbe("/bin/sh", ["-c", "exec sleep 60"]);
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        Assert.ThrowsAny<OperationCanceledException>(
            () => probe.Measure("model.onnx", new Dictionary<string, Tensor>(), threads: 1, cancelled.Token));
    }

    [Fact]
    public void Hidden_command_is_not_in_the_help() =>
        Assert.DoesNotContain("probe-memory", Cli.Run("--help").Output, StringComparison.Ordinal);

    static OnnxModel Product(int width)
    {
        var model = Model([Value("x", ElementType.Float32, -1, width)], ["y"], Node("MatMul", ["x", "w"], ["y"]));
        model.Graph.Initializer.Add(Weight("w", ElementType.Float32, [width, width], Numbers(width * width, seed: 1)));
        return model;
    }
}
