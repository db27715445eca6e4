using System.Globalization;
using Kneepoint.Coding;
using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Indices;
using Kneepoint.Coding.Packing;
using Kneepoint.OnnxRuntime;

namespace Kneepoint.Benchmarks.Coding;

/// <summary>Claim: what docs/packed-format.md says of sizes and speeds. Codes synthetic sources of a million numbers, or packs and opens model files; one thread.</summary>
/// <remarks>A speed is the best of several passes after one that is not counted.</remarks>
static class CodingCommand
{
    public const string Name = "coding";
    const int Numbers = 1_000_000;
    const int Columns = 1000;
    const int Passes = 5;
    static readonly ThreadCpuClock Clock = new();

    /// <summary>Arguments: none for the sources; model files; or one packed file, which is opened once, so that a limit of the heap can be set around it (DOTNET_GCHeapHardLimit).</summary>
    public static int Run(string[] args)
    {
        if (args.Length == 0) Sources();
        else if (args is [var packed] && packed.EndsWith(".knp", StringComparison.Ordinal)) Open(packed);
        else Files(args);
        return 0;
    }

    static void Open(string file)
    {
        double start = Seconds();
        int bytes = PackedModel.Open(file).Length;
        var memory = GC.GetGCMemoryInfo();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes in {Seconds() - start:F3} s, the heap limited to {memory.TotalAvailableMemoryBytes} bytes"));
    }

    static void Sources()
    {
        Console.WriteLine($"{"source",-12}{"entropy",9}   {"coder",-9}{"bits",9}{"above",9}{"write M/s",11}{"read M/s",11}");
        foreach (string source in (ReadOnlySpan<string>)["Gauss", "Laplace", "90 % zeros"])
        {
            foreach (double wanted in (ReadOnlySpan<double>)[1, 2, 3, 4, 5, 6])
            {
                if (source == "90 % zeros" && wanted > 1) continue;
                int[] values = Draw(source, source == "90 % zeros" ? 3 : SpreadFor(source, wanted), Numbers);
                Row(source, values, "mixing", MixedIndexModel.Primed);
                Row(source, values, "adaptive", () => new AdaptiveIndexModel());
                Row(source, values, "static", null);
            }
        }
    }

    static void Row(string source, int[] values, string coder, Func<IIndexModel>? model)
    {
        var shape = new IndexShape(values.Length / Columns, Columns, 1);
        int shift = IndexBits.ShiftFor(IndexBits.MeanMagnitude(values));
        byte[] code = [];
        double write = Best(() =>
        {
            var (writer, plain) = (new BitWriter(), new PlainBytes());
            if (model is not null) model().Code(writer, values, shape, shift);
            else StaticIndexCode.Write(writer, plain, values);
            code = plain.Section(writer);
        });
        int[] back = new int[values.Length];
        double read = Best(() =>
        {
            if (model is not null) model().Code(new BitReader(code), back, shape, shift);
            else StaticIndexCode.Read(new BitReader(code), new PlainBytes(code), back);
        });
        if (!back.AsSpan().SequenceEqual(values)) throw new InvalidOperationException("The numbers did not come back.");
        double entropy = Entropy(values), bits = code.Length * 8.0 / values.Length;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{source,-12}{entropy,9:F3}   {coder,-9}{bits,9:F4}{bits - entropy,9:F4}{values.Length / write / 1e6,11:F1}{values.Length / read / 1e6,11:F1}"));
    }

    static void Files(string[] files)
    {
        Console.WriteLine($"{"file",-32}{"code",-9}{"bytes",12}{"packed",12}{"share",8}{"pack s",9}{"open s",9}");
        foreach (string file in files)
        {
            byte[] model = File.ReadAllBytes(file), packed = [], opened = [];
            foreach (var code in Enum.GetValues<NumberCode>())
            {
                double pack = Best(() => packed = PackedModel.Pack(model, new PackingSettings { Code = code }));
                double open = Best(() => opened = PackedModel.Open(packed));
                if (!opened.AsSpan().SequenceEqual(model)) throw new InvalidOperationException("The model did not come back.");
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file),-32}{code,-9}{model.Length,12}{packed.Length,12}{(double)packed.Length / model.Length,8:P1}{pack,9:F3}{open,9:F3}"));
            }
        }
    }

    static double Best(Action work)
    {
        work();
        double best = double.PositiveInfinity;
        for (int i = 0; i < Passes; i++)
        {
            double start = Seconds();
            work();
            best = Math.Min(best, Seconds() - start);
        }

        return best;
    }

    // What the processor spent on this thread.
    static double Seconds() => Clock.ThreadCpuNanoseconds * 1e-9;

    // The spread in steps at which rounded numbers have an entropy.
    static double SpreadFor(string source, double bits)
    {
        double low = 0.05, high = 200;
        for (int i = 0; i < 40; i++)
        {
            double middle = Math.Sqrt(low * high);
            if (Entropy(Draw(source, middle, 200_000)) < bits) low = middle;
            else high = middle;
        }

        return low;
    }

    static int[] Draw(string source, double spread, int count)
    {
        var random = new Random(1);
        int[] values = new int[count];
        for (int i = 0; i < count; i++)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            double laplace = -Math.Log(1 - random.NextDouble()) * (random.Next(2) * 2 - 1);
            bool isZero = source == "90 % zeros" && random.Next(10) != 0;
            values[i] = isZero ? 0 : (int)Math.Round(spread * (source == "Laplace" ? laplace : normal));
        }

        return values;
    }

    static double Entropy(int[] values)
    {
        double total = values.Length;
        return values.CountBy(value => value).Sum(count => -count.Value * Math.Log2(count.Value / total)) / total;
    }
}
