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
        var sessions = new ExposedSessions(runtime, model, threads: 1, settings.Optimization);
        foreach (var together in Passes([.. forms.DistinctBy(form => form.Key)], settings.MomentBytes))
        {
            var wanted = WantedValues.Of(model, together.Select(form => form.Value));
            var made = sessions.Readable(wanted.Made, (_, _) => { });
            var fed = wanted.Fed.Where(value => ExposedSessions.IsFloat(value.Type)).Select(value => value.Name).ToList();
            var read = together.Where(form => made.Contains(form.Value) || fed.Contains(form.Value)).ToList();
            var sums = read.ConvertAll(form => new Sum(form, settings) { Threads = Math.Max(1, settings.Threads / read.Count) });
            void Add(ExposedRun run, IReadOnlyCollection<string> values)
            {
                // Each form has sums of its own, so threads change nothing.
                Parallel.ForEach(sums.Where(sum => values.Contains(sum.Form.Value)),
                    new ParallelOptions { MaxDegreeOfParallelism = settings.Threads }, sum => sum.Add(run));
            }

            new ExposedPasses(sessions, settings.RunBytes, onProgress, cancellation, settings.Threads).Run(batches, made, Add, run => Add(run, fed));
            foreach (var sum in sums) onCollected(sum.Form, sum.Moments());
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

        readonly int _stride = GramProduct.StrideOf(form.Columns);
        readonly int _most = settings.MostRows?.Invoke(form.Columns) ?? Math.Clamp(2 * form.Columns, settings.FewestRowsPerSample, settings.RowsPerSample);
        readonly Half _first = new(form);
        readonly Half _second = new(form);
        int _pieces;

        public InputForm Form => form;

        /// <summary>Threads that sum.</summary>
        public int Threads { get; init; } = 1;

        public SplitMoments Moments()
        {
            foreach (var half in new[] { _first, _second }) half.Flush(Threads);
            return new SplitMoments(_first.Moments, _second.Moments);
        }

        public void Add(ExposedRun run)
        {
            var rows = InputRows.Of(form, run.Values[form.Value]);
            bool startsWithSecond = _pieces++ % 2 != 0;
            if (rows is AxisRows && rows.RowsPerSample <= FewRows)
            {
                // Rows of an activation are numbered through, so that a panel holds many samples.
                int all = rows.Samples * rows.RowsPerSample, middle = rows.Samples > 1 ? (rows.Samples + 1) / 2 * rows.RowsPerSample : all;
                AddRows(rows, 0, [.. Enumerable.Range(0, middle)], startsWithSecond ? _second : _first);
                AddRows(rows, 0, [.. Enumerable.Range(middle, all - middle)], startsWithSecond ? _first : _second);
                return;
            }

            for (int sample = 0; sample < rows.Samples; sample++)
            {
                bool isSecond = rows.Samples > 1 && 2 * sample >= rows.Samples;
                int[] taken = RowSample.Of(rows.RowsPerSample, _most, run.FirstSample + sample);
                AddRows(rows, sample, taken, isSecond != startsWithSecond ? _second : _first);
            }
        }

        void AddRows(InputRows rows, int sample, int[] taken, Half half)
        {
            for (int begin = 0; begin < taken.Length;)
            {
                // Groups share a panel, so theirs is emptied at once; they have few columns each.
                var chunk = taken.AsSpan(begin, Math.Min(GramProduct.MostRows - half.Used, taken.Length - begin));
                for (int group = 0; group < form.Groups; group++)
                {
                    rows.Fill(group, sample, chunk, half.Panel.AsSpan(half.Used * _stride), _stride);
                    if (form.Groups > 1) half.Moments.Add(group, half.Panel, chunk.Length, Threads);
                }

                if (form.Groups == 1) half.Used += chunk.Length;
                if (half.Used == GramProduct.MostRows) half.Flush(Threads);
                begin += chunk.Length;
            }

            half.Moments.CountRows(taken.Length);
        }
    }

    /// <summary>The sums of one half of the samples, and rows that are not summed yet: adding many at once moves the sums through memory less often.</summary>
    sealed class Half(InputForm form)
    {
        public InputMoments Moments { get; } = new(form.Groups, form.Columns);

        public float[] Panel { get; } = new float[GramProduct.MostRows * GramProduct.StrideOf(form.Columns)];

        public int Used { get; set; }

        public void Flush(int threads)
        {
            if (Used > 0) Moments.Add(0, Panel, Used, threads);
            Used = 0;
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

    /// <summary>Rows of a sample at most for a form of so many columns; null for the rule of <see cref="RowsPerSample"/>.</summary>
    public Func<int, int>? MostRows { get; init; }

    /// <summary>How the runtime rewrites the network; layouts for the processor pay where few values are given out.</summary>
    public GraphOptimization Optimization { get; init; } = GraphOptimization.Basic;

    /// <summary>Threads that sum.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Bytes of activations that one run gives out at most, if a single sample's do not take more.</summary>
    public long RunBytes { get; init; } = 64L << 20;

    /// <summary>Bytes of sums in one pass at most, if those of one layer do not take more.</summary>
    public long MomentBytes { get; init; } = 512L << 20;
}
