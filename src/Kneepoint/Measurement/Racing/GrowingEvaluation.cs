using Kneepoint.Data;
using Kneepoint.Onnx;

namespace Kneepoint.Measurement.Racing;

/// <summary>Scores a network on more and more samples, in any order; the scores of all are those that one pass gives, bit for bit, if no sample's outputs depend on its batch.</summary>
/// <remarks>Memory is k floats, two more for what labels cost, and two flags for each sample, seen or not.</remarks>
sealed class GrowingEvaluation
{
    readonly AccuracyEvaluation _evaluation;
    readonly INetworkSession _session;
    readonly INetworkSession? _baseline;
    readonly IDataset _data;
    readonly int _batch;
    readonly float[] _scores;
    readonly float[]? _labelScores;
    readonly bool[] _isNonFinite, _isSeen;

    /// <summary>Prepares it; nothing runs yet.</summary>
    /// <param name="evaluation">Metric, part, batch size and threads; its limit is not used.</param>
    /// <param name="session">The network.</param>
    /// <param name="data">The samples.</param>
    /// <param name="baseline">What the network is compared with if the metric needs that.</param>
    public GrowingEvaluation(AccuracyEvaluation evaluation, INetworkSession session, IDataset data, INetworkSession? baseline)
    {
        (_evaluation, _session, _data, _baseline, _batch) = (evaluation, session, data, baseline, evaluation.BatchOf(session));
        int count = checked((int)data.Count(evaluation.Part));
        _scores = new float[checked(count * evaluation.Metric.ScoresPerSample)];
        _labelScores = evaluation.Likelihood is { } likelihood ? new float[checked(count * likelihood.ScoresPerSample)] : null;
        _isNonFinite = new bool[count];
        _isSeen = new bool[count];
    }

    /// <summary>The samples seen so far.</summary>
    public int Seen { get; private set; }

    /// <summary>Samples run so far: those that were run again counted again.</summary>
    public long Evaluations { get; private set; }

    /// <summary>The scores of a sample that has been seen.</summary>
    public ReadOnlySpan<float> ScoresOf(int sample) => _scores.AsSpan(sample * _evaluation.Metric.ScoresPerSample, _evaluation.Metric.ScoresPerSample);

    /// <summary>Scores samples.</summary>
    /// <param name="places">Ascending.</param>
    /// <param name="progress">Called with the number of samples seen.</param>
    /// <param name="cancellation">Ends the evaluation between two batches.</param>
    public void Add(IReadOnlyList<long> places, Action<long>? progress, CancellationToken cancellation)
    {
        int before = Seen, again = places.Count(place => _isSeen[place]);
        foreach (var piece in _evaluation.Pieces(_session, _data.ReadAt(_evaluation.Part, places, _batch, cancellation), _baseline,
            done => progress?.Invoke(before + Math.Max(0, done - again)), cancellation))
        {
            for (int i = 0; i < piece.IsNonFinite.Length; i++) Keep(piece, i, (int)places[(int)piece.First + i]);
        }

        Evaluations += places.Count;
    }

    /// <summary>Scores all samples that have not been seen.</summary>
    /// <remarks>
    /// Kernels for a few samples may round otherwise than those for many. So every run here has as many samples as in one pass over all: the last batch of such a pass, where it is smaller, is run
    /// as it is there, and batches are filled up with samples that have been seen; at most two batches more than needed.
    /// </remarks>
    public void AddRest(Action<long>? progress, CancellationToken cancellation)
    {
        int whole = _isSeen.Length / _batch * _batch;
        var places = new List<long>();
        for (int i = 0; i < whole; i++)
        {
            if (!_isSeen[i]) places.Add(i);
        }

        for (int i = 0; i < whole && places.Count % _batch != 0; i++)
        {
            if (_isSeen[i]) places.Add(i);
        }

        places.Sort();
        for (int i = whole; i < _isSeen.Length; i++) places.Add(i);
        Add(places, progress, cancellation);
    }

    /// <summary>The scores of all samples, once all have been seen.</summary>
    public SampleScores All()
    {
        if (Seen < _isSeen.Length) throw new InvalidOperationException($"{Seen} of {_isSeen.Length} samples have been seen.");
        // Costs are added within each batch of one pass over all, then over the batches, so that the sum is the same.
        var costs = _labelScores?.Chunk(_batch * 2).Select(scores => LabelCost.Of(scores));
        return new SampleScores(_scores, _evaluation.Metric.ScoresPerSample)
        {
            NonFiniteSamples = _isNonFinite.Count(isBad => isBad),
            Labels = costs is null ? null : LabelCost.Sum(costs),
        };
    }

    void Keep(ScoredBatch piece, int from, int to)
    {
        int k = _evaluation.Metric.ScoresPerSample;
        piece.Scores.AsSpan(from * k, k).CopyTo(_scores.AsSpan(to * k));
        if (piece.LabelScores is { } labels) labels.AsSpan(from * 2, 2).CopyTo(_labelScores.AsSpan(to * 2));
        _isNonFinite[to] = piece.IsNonFinite[from];
        if (!_isSeen[to]) Seen++;
        _isSeen[to] = true;
    }
}
