using Kneepoint.Onnx;
using Kneepoint.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Kneepoint.OnnxRuntime;

/// <summary>What the runtime's arena holds during a run, beyond what it holds for the loaded network.</summary>
/// <remarks>
/// The measured counterpart of <see cref="MemoryPlan"/>: it has the kernels' workspaces, results for the caller and the rounding of blocks in it, and the
/// caller's inputs not. Memory patterns are off, so that blocks come and go with their values; then the figure is the same in every run.
/// </remarks>
static class ArenaPeak
{
    const uint LargestBlockBytes = 1u << 30;

    /// <summary>Bytes; null if the runtime keeps no statistics.</summary>
    /// <exception cref="OnnxModelException">The runtime refuses the model or fails on the inputs.</exception>
    public static long? Measure(OrtRuntime runtime, string modelFile, IReadOnlyDictionary<string, Tensor> inputs, SessionSettings settings)
    {
        string model = $"'{modelFile}'";
        var native = runtime.Create(model, settings, options =>
        {
            options.EnableMemoryPattern = false;
            return new InferenceSession(modelFile, options);
        });
        using var session = new OrtSession(native, model, runtime.Name);
        using var allocator = new OrtAllocator(native, OrtMemoryInfo.DefaultInstance);
        if (ArenaStatistics.Read(allocator) is not { } loaded) return null;

        var ballast = new List<OrtMemoryAllocation>();
        try
        {
            // The maximum is never reset. Loading may have taken more than the run will: fill up to it, so that the run shows.
            for (long missing = loaded.MaxInUseBytes - loaded.InUseBytes; missing > 0; missing -= LargestBlockBytes)
            {
                ballast.Add(allocator.Allocate((uint)Math.Min(missing, LargestBlockBytes)));
            }

            if (ArenaStatistics.Read(allocator) is not { } before) return null;
            session.RunAndForget(inputs);
            return ArenaStatistics.Read(allocator) is { } after ? after.MaxInUseBytes - before.InUseBytes : null;
        }
        finally
        {
            foreach (var block in ballast) block.Dispose();
        }
    }
}
