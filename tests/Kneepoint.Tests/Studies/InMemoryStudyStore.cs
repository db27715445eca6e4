using Kneepoint.Search;
using Kneepoint.Studies;

namespace Kneepoint.Tests.Studies;

/// <summary>The contract of a store at its simplest: the model that real stores are compared with.</summary>
public sealed class InMemoryStudyStore : IStudyStore
{
    readonly Lock _gate = new();
    readonly List<Trial> _trials = [];
    readonly Dictionary<string, byte[]> _entries = [];

    public IReadOnlyList<Trial> Trials()
    {
        lock (_gate) return [.. _trials];
    }

    public Trial Add(Recipe recipe, TrialOutcome outcome, double seconds)
    {
        lock (_gate)
        {
            if (_trials.Any(trial => trial.Recipe.Id == recipe.Id)) throw new InvalidOperationException($"The recipe {recipe.Id} is in the study already.");
            var trial = new Trial(_trials.Count + 1, recipe, outcome, seconds);
            _trials.Add(trial);
            return trial;
        }
    }

    public byte[]? Get(string name)
    {
        lock (_gate) return _entries.GetValueOrDefault(name);
    }

    public void Put(string name, ReadOnlySpan<byte> value)
    {
        lock (_gate) _entries[name] = value.ToArray();
    }

    public void Dispose()
    {
    }
}
