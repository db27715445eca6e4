using System.Collections.Immutable;

namespace Kneepoint.Coding;

/// <summary>Where the bytes of a packed file go. Header, graph and groups together are the whole file.</summary>
/// <param name="Version">The version of the format.</param>
/// <param name="HeaderBytes">Bytes of the header.</param>
/// <param name="Graph">All of the model but the data of larger tensors: names, operators, attributes, shapes, small tensors.</param>
/// <param name="Groups">The groups of tensors, each with what it learned from its own numbers alone.</param>
/// <param name="Tensors">The tensors whose data is in groups, in the order of the model.</param>
/// <param name="Model">The bytes of the ONNX model.</param>
public sealed record PackedContents(
    int Version, long HeaderBytes, PackedSection Graph, ImmutableArray<PackedSection> Groups, ImmutableArray<PackedTensor> Tensors, ReadOnlyMemory<byte> Model)
{
    /// <summary>Bytes of the packed file.</summary>
    public long PackedBytes => HeaderBytes + Graph.PackedBytes + Groups.Sum(group => group.PackedBytes);
}
