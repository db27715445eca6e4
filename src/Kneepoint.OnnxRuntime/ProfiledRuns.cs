using System.Globalization;
using System.Text.Json;
using Kneepoint.Onnx;

namespace Kneepoint.OnnxRuntime;

/// <summary>Reads the notes that the runtime takes while it profiles.</summary>
/// <remarks>
/// One event on each line: those of category "Node" whose name ends in "_kernel_time", in the order of execution, then one "model_run" for the run that holds them. Durations are whole microseconds, cut, so that half of one is added:
/// the figure of a node is off by half a microsecond at most. The figure is the mean of the middle half of the runs: what other programs do meanwhile makes single runs longer, and the mean sees parts of a microsecond where the runs spread over several.
/// </remarks>
static class ProfiledRuns
{
    const string KernelSuffix = "_kernel_time";
    const double HalfTick = 0.5;

    /// <summary>The times of the nodes of one graph.</summary>
    /// <param name="lines">The notes.</param>
    /// <param name="names">The names of the graph's nodes in the order of execution; a name may occur again.</param>
    /// <param name="counts">Whether a run counts, by its number among the last ones.</param>
    /// <param name="lastRuns">How many these are, at least 1.</param>
    /// <returns>Microseconds of each node. Nodes that were never run, in a branch not taken, have 0.</returns>
    /// <exception cref="OnnxModelException">A line is no event, or there are fewer runs.</exception>
    public static double[] Read(IEnumerable<string> lines, IReadOnlyList<string> names, Func<int, bool> counts, int lastRuns)
    {
        var places = names.Select((name, place) => (Name: name + KernelSuffix, Place: place)).GroupBy(node => node.Name, node => node.Place, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
        var times = names.Select(_ => new List<(int Run, double Microseconds)>()).ToArray();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        int runs = 0;
        foreach (string line in lines)
        {
            if (EventOf(line) is not var (name, microseconds)) continue;
            if (name == "model_run")
            {
                runs++;
                seen.Clear();
            }
            else if (places.TryGetValue(name, out int[]? nodes))
            {
                // Nodes of subgraphs bear other names; their time is in that of the node around them.
                int turn = seen.GetValueOrDefault(name);
                seen[name] = turn + 1;
                times[nodes[turn % nodes.Length]].Add((runs, microseconds + HalfTick));
            }
        }

        if (runs < lastRuns) throw new OnnxModelException(string.Create(CultureInfo.InvariantCulture, $"The runtime noted {runs} runs of the network; {lastRuns} were expected."));
        int first = runs - lastRuns;
        return [.. times.Select(all => MiddleMean([.. all.Where(time => time.Run >= first && counts(time.Run - first)).Select(time => time.Microseconds)]))];
    }

    static (string Name, double Microseconds)? EventOf(string line)
    {
        var text = line.AsMemory().Trim().TrimEnd(',');
        if (text.Length <= 1) return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            string name = document.RootElement.GetProperty("name").GetString() ?? "";
            return (name, document.RootElement.GetProperty("dur").GetDouble());
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new OnnxModelException($"The runtime's notes of the times cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>The mean of the middle half: a quarter of the values is left out at each end; 0 if there are none. Sorts the values.</summary>
    public static double MiddleMean(List<double> values)
    {
        if (values.Count == 0) return 0;
        values.Sort();
        int cut = values.Count / 4;
        double sum = 0;
        for (int i = cut; i < values.Count - cut; i++) sum += values[i];
        return sum / (values.Count - 2 * cut);
    }
}
