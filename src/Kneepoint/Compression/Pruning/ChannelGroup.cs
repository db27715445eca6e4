using Kneepoint.Onnx;

namespace Kneepoint.Compression.Pruning;

/// <summary>Layers whose output channels are joined: what is cut from one is cut from all.</summary>
/// <param name="Layers">The layers that make the channels, in the order of the graph.</param>
/// <param name="Classes">What may be cut, a class each: channels that must go together.</param>
/// <param name="Width">Channels of a class in one layer: more than one where heads go as a whole.</param>
sealed record ChannelGroup(IReadOnlyList<WeightedLayer> Layers, IReadOnlyList<int> Classes, int Width);
