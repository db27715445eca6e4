using System.Globalization;
using Kneepoint.Gradients;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Tensors;

namespace Kneepoint.Benchmarks.Gradients;

/// <summary>Times a network alone, at default settings, against the same network with the gradients of all its weights.</summary>
static class GradientsCommand
{
    /// <summary>What the command line calls it.</summary>
    public const string Name = "gradients";

    const int Rounds = 9;
    static readonly long[] Batches = [1, 32, 128];

    /// <summary>Runs: MODEL….</summary>
    public static int Run(string[] args)
    {
        Console.WriteLine($"{new OrtRuntime(1).Name}, 1 thread, processor time of the thread in ms, minimum (median) of {Rounds} interleaved rounds; backward = both - forward");
        foreach (string file in args)
        {
            var model = OnnxModel.Load(file);
            Console.WriteLine(Path.GetFileName(file));
            foreach (long batch in Batches) Console.WriteLine(Line(model, batch));
        }

        return 0;
    }

    static string Line(OnnxModel model, long batch)
    {
        string[] weights = [.. model.Graph.Initializer.Where(tensor => tensor.DataType == (int)ElementType.Float32 && tensor.Dims.Count > 0).Select(tensor => tensor.Name)];
        string[] outputs = [.. model.Graph.Output.Select(output => output.Name)];
        var request = new GradientRequest { Outputs = outputs, Weights = weights };
        if (GradientGraph.Missing(model, request) is [var missing, ..]) return $"  {missing.Reason}";
        var graph = GradientGraph.Of(model, request);
        try
        {
            using var plain = new OrtRuntime(1).Open(model, new SessionSettings());
            using var full = new OrtRuntime(1).Open(graph.Model, new SessionSettings());
            var inputs = plain.Inputs.ToDictionary(input => input.Name, input => Draw(input, batch));
            var results = plain.Run(inputs);
            var all = inputs.Concat(outputs.Select(output => KeyValuePair.Create(graph.Cotangents[output], results[output]))).ToDictionary();
            return Times(plain, inputs, full, all, batch);
        }
        catch (OnnxModelException exception)
        {
            return $"  batch {batch}: {exception.Message}";
        }
    }

    static string Times(OrtSession plain, Dictionary<string, Tensor> inputs, OrtSession full, Dictionary<string, Tensor> all, long batch)
    {
        using var forward = plain.Prepare(inputs);
        using var both = full.Prepare(all);
        var clock = new ThreadCpuClock();
        double[] first = new double[Rounds], second = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            first[i] = Time(clock, forward.Run);
            second[i] = Time(clock, both.Run);
        }

        Array.Sort(first);
        Array.Sort(second);
        return string.Create(CultureInfo.InvariantCulture,
            $"  batch {batch,3}: forward {first[0],8:F2} ({first[Rounds / 2],8:F2})  both {second[0],8:F2} ({second[Rounds / 2],8:F2})  backward/forward {second[0] / first[0] - 1:F2} ({second[Rounds / 2] / first[Rounds / 2] - 1:F2})");
    }

    // Short runs are repeated within a round, so that the clock's own steps do not count.
    static double Time(ThreadCpuClock clock, Action run)
    {
        int runs = 0;
        long started = clock.ThreadCpuNanoseconds, now;
        do
        {
            run();
            runs++;
            now = clock.ThreadCpuNanoseconds;
        }
        while (now - started < 5_000_000);
        return (now - started) / 1e6 / runs;
    }

    static Tensor Draw(ValueSignature input, long batch)
    {
        var random = new Random(1);
        long[] dims = [.. input.Dimensions.Select((size, axis) => size > 0 ? size : axis == 0 ? batch : 1)];
        Tensor.TryCount(dims, out long count);
        return input.ElementType == ElementType.Int64
            ? Tensor.Of(dims, [.. Enumerable.Range(0, (int)count).Select(_ => (long)random.Next(1, 50))])
            : Tensor.Of(dims, [.. Enumerable.Range(0, (int)count).Select(_ => (float)random.NextDouble() * 2 - 1)]);
    }
}
