using System.Collections.Immutable;
using Kneepoint.Measurement.Latency;
using Kneepoint.Tensors;

namespace Kneepoint.OnnxRuntime;

/// <summary>Lets ONNX Runtime note the time of each node.</summary>
/// <remarks>
/// Each network is loaded twice: once with notes, once without, for the time of a run. Networks are visited in turn; a visit begins with a run that does not count, for the caches.
/// The notes go into a private folder that is gone afterwards.
/// </remarks>
/// <param name="runtime">The runtime.</param>
/// <param name="threads">Threads within one operator, at least 1: as deployed.</param>
public sealed class OrtNodeProfiler(OrtRuntime runtime, int threads) : INodeProfiler
{
    const int WarmUps = 3;

    // With the one that does not count, five runs in a row.
    const int RunsOfVisit = 4;

    // Some 700 bytes an event, with the shapes of what it is fed; a graph of very many nodes has fewer runs.
    const int MostEvents = 60_000;
    readonly ThreadCpuClock _clock = new();

    /// <summary>Visits of each network, at least 1, of four runs that count; fewer in graphs of more than a thousand nodes.</summary>
    public int Visits
    {
        get; init => field = value >= 1 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "Visits must be at least 1.");
    } = 10;

    /// <inheritdoc/>
    public ImmutableArray<NodeProfile> Profile(IReadOnlyList<string> modelFiles, IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(modelFiles);
        ArgumentNullException.ThrowIfNull(inputs);
        var networks = new List<ProfiledNetwork>();
        try
        {
            foreach (string file in modelFiles)
            {
                cancellation.ThrowIfCancellationRequested();
                networks.Add(ProfiledNetwork.Open(runtime, file, threads, inputs));
            }

            foreach (var network in networks) network.Run(WarmUps);
            int most = networks.Select(network => network.Nodes).DefaultIfEmpty(1).Max();
            int visits = Math.Clamp(MostEvents / ((1 + RunsOfVisit) * Math.Max(1, most)), 1, Visits);
            double[][] runs = [.. networks.Select(_ => new double[visits * RunsOfVisit])];
            for (int visit = 0; visit < visits; visit++)
            {
                for (int i = 0; i < networks.Count; i++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    networks[i].Run(1 + RunsOfVisit);
                    networks[i].RunWithoutNotes();
                    for (int run = 0; run < RunsOfVisit; run++) runs[i][visit * RunsOfVisit + run] = networks[i].TimeWithoutNotes(_clock, hasOneThread: threads == 1);
                }
            }

            return [.. networks.Select((network, i) => network.Profile(ProfiledRuns.MiddleMean([.. runs[i]]), run => run % (1 + RunsOfVisit) > 0, visits * (1 + RunsOfVisit)))];
        }
        finally
        {
            foreach (var network in networks) network.Dispose();
        }
    }
}
