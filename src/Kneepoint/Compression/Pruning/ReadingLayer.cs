using Kneepoint.Compression.Restructuring;
using Kneepoint.Onnx;

namespace Kneepoint.Compression.Pruning;

/// <summary>A layer that multiplies channels which may be cut.</summary>
sealed record ReadingLayer : LayerRows
{
    ReadingLayer(LayerRows rows, int[] columns) : base(rows) => Columns = columns;

    /// <summary>The class of each of the K columns.</summary>
    public int[] Columns { get; }

    /// <summary>Reads a layer; null where no class reaches it.</summary>
    public static ReadingLayer? Of(NetworkRewrite rewrite, ChannelGraph graph, WeightedLayer layer, CalibrationEvidence evidence) =>
        graph.ColumnsOf(layer) is { } columns ? new ReadingLayer(LayerRows.Of(rewrite, layer, evidence), columns) : null;
}
