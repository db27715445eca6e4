using Kneepoint.Search;
using Kneepoint.Storage;
using Kneepoint.Studies;

namespace Kneepoint.Benchmarks.Searches;

/// <summary>The trials of one search, in memory; its probes are shared by all.</summary>
sealed class TrialsInMemory(SqliteStudyStore shared) : IStudyStore
{
    const string ProbePrefix = "probe/";
    readonly List<Trial> _trials = [];
    readonly HashSet<string> _probed = new(StringComparer.Ordinal);

    /// <summary>Variants that were looked at on calibration samples, whoever measured them first.</summary>
    public int Probed => _probed.Count;

    public byte[]? Get(string name)
    {
        if (name.StartsWith(ProbePrefix, StringComparison.Ordinal)) _probed.Add(name);
        return shared.Get(name);
    }

    public void Put(string name, ReadOnlySpan<byte> value) => shared.Put(name, value);

    public IReadOnlyList<Trial> Trials() => [.. _trials];

    public Trial Add(Recipe recipe, TrialOutcome outcome, double seconds)
    {
        _trials.Add(new Trial(_trials.Count + 1, recipe, outcome, seconds));
        return _trials[^1];
    }

    public void Dispose()
    {
    }
}
