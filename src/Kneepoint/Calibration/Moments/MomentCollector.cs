using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Calibration.Moments;

/// <summary>Runs a network over samples and takes the moments of what its layers are fed.</summary>
/// <remarks>
/// Of a sample with more than <see cref="MomentSettings.RowsPerSample"/> rows, that many are taken, spread by the golden ratio from a place that moves with the sample's
/// number: neighboring positions of an image say nearly the same. The first and the second half of each batch go to the two halves of <see cref="SplitMoments"/>, in turn.
/// Memory depends on the layers alone: two matrices of K² numbers for each form and group. Forms whose matrices exceed <see cref="MomentSettings.MomentBytes"/>
/// together are spread over several passes and handed over one pass after the other.
/// Deterministic: the sums depend on the samples and the batches they come in, not on threads or vector width.
/// </remarks>
public static class MomentCollector
{
    const int BytesPerProduct = 2 * sizeof(double);

    /// <summary>Collects.</summary>
    /// <param name="runtime">Runs the network.</param>
    /// <param name="model">The network; not changed.</param>
    /// <param name="batches">The samples; enumerated once for each pass, and the same each time.</param>
    /// <param name="forms">What is wanted.</param>
    /// <param name="onCollected">Called once for each form that could be read, as soon as it is complete.</param>
    /// <param name="settings">Null for the defaults.</param>
    /// <param name="onProgress">Called after each batch.</param>
    /// <param name="cancellation">Ends the collection.</param>
    /// <exception cref="OnnxModelException">The runtime refuses the network, fails on the samples, or an activation does not fit its layer.</exception>
    /// <exception cref="DataException">The samples cannot be read.</exception>
    public static void Collect(INetworkRuntime runtime, OnnxModel model, IEnumerable<SampleBatch> batches, IEnumerable<InputForm> forms,
        Action<InputForm, SplitMoments> onCollected, MomentSettings? settings = null, Action<CollectionProgress>? onProgress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(onCollected);
        settings ??= new MomentSettings();
        var sessions = new ExposedSessions(runtime, model, threads: 1);
        foreach (var together in Passes([.. forms.DistinctBy(form => form.Key)], settings.MomentBytes))
        {
            var wanted = WantedValues.Of(model, together.Select(form => form.Value));
            var made = sessions.Readable(wanted.Made, (_, _) => { });
            var fed = wanted.Fed.Where(value => ExposedSessions.IsFloat(value.Type)).Select(value => value.Name).ToList();
            var sums = together.Where(form => made.Contains(form.Value) || fed.Contains(form.Value)).Select(form => new Sum(form, settings)).ToList();
            void Add(ExposedRun run, IReadOnlyCollection<string> values)
            {
                // Each form has sums of its own, so threads change nothing.
                Parallel.ForEach(sums.Where(sum => values.Contains(sum.Form.Value)),
                    new ParallelOptions { MaxDegreeOfParallelism = settings.Threads }, sum => sum.Add(run));
            }

            new ExposedPasses(sessions, settings.RunBytes, onProgress, cancellation).Run(batches, made, Add, run => Add(run, fed));
            foreach (var sum in sums) onCollected(sum.Form, sum.Moments);
        }
    }

    static IEnumerable<List<InputForm>> Passes(List<InputForm> forms, long momentBytes)
    {
        var pass = new List<InputForm>();
        long bytes = 0;
        foreach (var form in forms)
        {
            long needed = (long)BytesPerProduct * form.Groups * form.Columns * form.Columns;
            if (pass.Count > 0 && bytes + needed > momentBytes)
            {
                yield return pass;
                (pass, bytes) = ([], 0);
            }

            pass.Add(form);
            bytes += needed;
        }

        if (pass.Count > 0) yield return pass;
    }

    /// <summary>The sums of one form.</summary>
    sealed class Sum(InputForm form, MomentSettings settings)
    {
        const int FewRows = 64;

        readonly float[] _panel = new float[GramProduct.MostRows * GramProduct.StrideOf(form.Columns)];
        readonly int _most = Math.Clamp(2 * form.Columns, settings.FewestRowsPerSample, settings.RowsPerSample);
        int _pieces;

        public InputForm Form => form;

        public SplitMoments Moments { get; } = new(new InputMoments(form.Groups, form.Columns), new InputMoments(form.Groups, form.Columns));

        public void Add(ExposedRun run)
        {
            var rows = InputRows.Of(form, run.Values[form.Value]);
            bool startsWithSecond = _pieces++ % 2 != 0;
            if (rows is AxisRows && rows.RowsPerSample <= FewRows)
            {
                // Rows of an activation are numbered through, so that a panel holds many samples.
                int all = rows.Samples * rows.RowsPerSample, middle = rows.Samples > 1 ? (rows.Samples + 1) / 2 * rows.RowsPerSample : all;
                AddRows(rows, 0, [.. Enumerable.Range(0, middle)], startsWithSecond ? Moments.Second : Moments.First);
                AddRows(rows, 0, [.. Enumerable.Range(middle, all - middle)], startsWithSecond ? Moments.First : Moments.Second);
                return;
            }

            for (int sample = 0; sample < rows.Samples; sample++)
            {
                bool isSecond = rows.Samples > 1 && 2 * sample >= rows.Samples;
                int[] taken = RowSample.Of(rows.RowsPerSample, _most, run.FirstSample + sample);
                AddRows(rows, sample, taken, isSecond != startsWithSecond ? Moments.Second : Moments.First);
            }
        }

        void AddRows(InputRows rows, int sample, int[] taken, InputMoments moments)
        {
            for (int begin = 0; begin < taken.Length; begin += GramProduct.MostRows)
            {
                var chunk = taken.AsSpan(begin, Math.Min(GramProduct.MostRows, taken.Length - begin));
                for (int group = 0; group < form.Groups; group++)
                {
                    rows.Fill(group, sample, chunk, _panel, GramProduct.StrideOf(form.Columns));
                    moments.Add(group, _panel, chunk.Length);
                }
            }

            moments.CountRows(taken.Length);
        }
    }
}

/// <summary>Chooses rows of a sample.</summary>
static class RowSample
{
    /// <summary>All rows, or so many of them, spread evenly; which ones depends on the sample's number alone.</summary>
    public static int[] Of(int rows, int most, long sample)
    {
        if (rows <= most) return [.. Enumerable.Range(0, rows)];
        int step = Math.Max(1, (int)(rows * 0.6180339887498949));
        while (Gcd(step, rows) != 1) step++;
        long start = sample * step * most % rows;
        int[] taken = new int[most];
        for (int i = 0; i < most; i++) taken[i] = (int)((start + (long)i * step) % rows);
        Array.Sort(taken);
        return taken;
    }

    static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}

/// <summary>How moments are collected.</summary>
public sealed record MomentSettings
{
    /// <summary>Rows of a sample at most; a layer with fewer columns takes two rows for each column, but no fewer than <see cref="FewestRowsPerSample"/>.</summary>
    public int RowsPerSample { get; init; } = 512;

    /// <summary>Rows of a sample at most, for layers of few columns.</summary>
    public int FewestRowsPerSample { get; init; } = 128;

    /// <summary>Threads that sum.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Bytes of activations that one run gives out at most, if a single sample's do not take more.</summary>
    public long RunBytes { get; init; } = 64L << 20;

    /// <summary>Bytes of sums in one pass at most, if those of one layer do not take more.</summary>
    public long MomentBytes { get; init; } = 512L << 20;
}
