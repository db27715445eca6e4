using System.Diagnostics;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Runtime;

/// <summary>Alone, because it watches the memory of the whole process.</summary>
[Collection(nameof(Alone))]
public sealed class SessionMemoryTests
{
    const int Width = 1024;
    const int WeightBytes = Width * Width * sizeof(float);
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    [Fact]
    public void Sessions_in_turn_do_not_add_up()
    {
        var model = Model([Value("x", ElementType.Float32, -1, Width)], ["y"],
            Node("MatMul", ["x", "w"], ["h"]), Node("Relu", ["h"], ["y"]));
        model.Graph.Initializer.Add(Weight("w", ElementType.Float32, [Width, Width], Numbers(Width * Width, seed: 1)));
        CreateRunDispose(model, times: 10);
        long before = ResidentBytes();

        CreateRunDispose(model, times: 60);

        // Sixty sessions hold 240 MiB of weights; a leak of one in ten would show.
        Assert.InRange(ResidentBytes() - before, long.MinValue, 6 * WeightBytes);
    }

    static void CreateRunDispose(OnnxModel model, int times)
    {
        for (int i = 0; i < times; i++)
        {
            using var session = Runtime.Open(model, new SessionSettings());
            session.Run(Zeros(session));
        }

        GC.Collect();
    }

    static long ResidentBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}

/// <summary>Tests that no other test runs beside.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
