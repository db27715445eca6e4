using System.Collections.Immutable;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Measurement.Latency;

/// <summary>What the runtime executes of a network, and how long each node takes.</summary>
/// <remarks>The times divide a run among the nodes; how long the run is, <see cref="PairedLatency"/> measures better.</remarks>
public sealed record NodeProfile
{
    NodeProfile(OnnxModel marked, GraphProto executed, ImmutableArray<NodeTime> nodes, double runMicroseconds)
    {
        Marked = marked;
        Executed = executed;
        Nodes = nodes;
        RunMicroseconds = runMicroseconds;
        Microseconds = nodes.Sum(node => node.Microseconds);
    }

    /// <summary>The network with marks in place of names (<see cref="FusionReport.Mark"/>).</summary>
    public OnnxModel Marked { get; }

    /// <summary>The graph after the runtime's rewriting. Weights that lay in files are not to be had any more.</summary>
    public GraphProto Executed { get; }

    /// <summary>One for each node of <see cref="Executed"/>, in its order.</summary>
    public ImmutableArray<NodeTime> Nodes { get; }

    /// <summary>A run while nothing is noted.</summary>
    public double RunMicroseconds { get; }

    /// <summary>The sum over the nodes: less than a run by what the runtime does between them.</summary>
    public double Microseconds { get; }

    /// <summary>Makes a profile of what the runtime noted.</summary>
    /// <remarks>
    /// Noting takes time, a few microseconds in each node's own figure, which would double the time of a network of small nodes. It is the same for all nodes, and is taken off: c = (sum of the notes − run) ÷ nodes, but at
    /// least 0 and at most the smallest note, so that no time becomes negative.
    /// </remarks>
    /// <param name="marked">The network with marks.</param>
    /// <param name="executed">The graph after the runtime's rewriting.</param>
    /// <param name="notedMicroseconds">The note of each of its nodes; 0 for one that was never run, in a branch not taken.</param>
    /// <param name="runMicroseconds">A run while nothing is noted, positive.</param>
    public static NodeProfile Of(OnnxModel marked, GraphProto executed, IReadOnlyList<double> notedMicroseconds, double runMicroseconds)
    {
        ArgumentNullException.ThrowIfNull(marked);
        ArgumentNullException.ThrowIfNull(executed);
        ArgumentNullException.ThrowIfNull(notedMicroseconds);
        if (notedMicroseconds.Count != executed.Node.Count)
        {
            throw new ArgumentException($"{notedMicroseconds.Count} notes were given for {executed.Node.Count} nodes.", nameof(notedMicroseconds));
        }

        double[] run = [.. notedMicroseconds.Where(note => note > 0)];
        double noting = run.Length == 0 ? 0 : Math.Min(run.Min(), Math.Max(0, (run.Sum() - runMicroseconds) / run.Length));
        return new NodeProfile(marked, executed, [.. executed.Node.Zip(notedMicroseconds, (node, note) => new NodeTime(node, Math.Max(0, note - noting)))], runMicroseconds);
    }
}

/// <summary>A node that the runtime executes, with what runs inside it.</summary>
/// <param name="Node">The node: operator, inputs, outputs.</param>
/// <param name="Microseconds">The mean over the middle half of the runs.</param>
public sealed record NodeTime(NodeProto Node, double Microseconds);
