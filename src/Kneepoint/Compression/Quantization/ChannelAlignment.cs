using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Compression.Quantization;

/// <summary>Channels of zeros that a convolution gets, so that the runtime's fast integer kernel takes it.</summary>
/// <param name="Outputs">Output channels in all; 0 for those that the layer has.</param>
/// <param name="Inputs">Input channels in all, of one group; 0 for those that the layer has.</param>
/// <param name="PadsActivation">Whether the layer pads what it takes itself; else its maker gives as many channels.</param>
readonly record struct ChannelPadding(int Outputs, int Inputs, bool PadsActivation);

/// <summary>Pads channels with zeros where that makes integer convolutions faster; what the network computes stays the same.</summary>
/// <remarks>
/// ONNX Runtime's integer convolutions read their input in place if its channels are a multiple of 4, or of 16 where each channel is a group of its own. All
/// others go through a copy of every window, which is two to five times as slow: usually the first layer, with its one or three channels, and depthwise layers of 24. Three
/// or 15 channels of zeros cost less. A depthwise layer is padded together with the layer before it and those behind it.
/// Measured at one thread with VNNI: a first layer of 3 to 24 channels at 224 × 224 from 250 to 136 µs, a depthwise one of 24 at 112 × 112 from 282 to 147 µs.
/// </remarks>
sealed class ChannelAlignment
{
    const int InputMultiple = 4;
    const int DepthwiseMultiple = 16;
    const int FewestDepthwise = 8;

    // Above, the copy weighs little against the products.
    const int MostUnalignedInputs = 16;

    // The kernel writes whole registers of outputs; below, the products cost more than the copy.
    const int FewestOutputs = 16;
    readonly Dictionary<NodeProto, ChannelPadding> _paddings = new(ReferenceEqualityComparer.Instance);
    readonly StaticInt8Plan _plan;
    readonly GraphIndex _index;

    ChannelAlignment(StaticInt8Plan plan, GraphIndex index) => (_plan, _index) = (plan, index);

    /// <summary>Decides for all layers of a plan that is not written yet.</summary>
    public static ChannelAlignment Of(StaticInt8Plan plan, GraphIndex index)
    {
        var alignment = new ChannelAlignment(plan, index);
        foreach (var unit in plan.Units.Where(unit => unit.Layer is { Layer.IsDepthwise: true })) alignment.AlignDepthwise(unit);
        foreach (var unit in plan.Units.Where(IsFull)) alignment.AlignInput(unit);
        return alignment;
    }

    /// <summary>The padding of a layer.</summary>
    public ChannelPadding PaddingOf(NodeProto layer) => _paddings.GetValueOrDefault(layer);

    void AlignDepthwise(IntegerUnit unit)
    {
        var layer = unit.Layer!.Value.Layer;
        long channels = layer.WeightDimensions[0];
        if (layer.WeightDimensions.Count != 4 || channels != layer.Group || channels % DepthwiseMultiple == 0 || channels < FewestDepthwise) return;
        if (MakerForOneUser(layer.Node) is not { } maker || UsersOf(unit) is not { } users) return;
        int padded = RoundUp(channels, DepthwiseMultiple);
        SetOutputs(maker.Node, padded);
        SetOutputs(unit.Node, padded);
        foreach (var user in users) _paddings[user] = PaddingOf(user) with { Inputs = padded };
    }

    void AlignInput(IntegerUnit unit)
    {
        var layer = unit.Layer!.Value.Layer;
        long channels = layer.WeightDimensions[1];
        if (PaddingOf(unit.Node).Inputs > 0 || channels % InputMultiple == 0 || channels > MostUnalignedInputs) return;
        bool isPoint = layer.WeightDimensions[2] * layer.WeightDimensions[3] == 1;
        if (isPoint || layer.WeightDimensions[0] < FewestOutputs) return;
        int padded = RoundUp(channels, InputMultiple);
        var maker = MakerForOneUser(unit.Node);
        if (maker is not null) SetOutputs(maker.Node, padded);
        _paddings[unit.Node] = PaddingOf(unit.Node) with { Inputs = padded, PadsActivation = maker is null };
    }

    void SetOutputs(NodeProto node, int outputs) => _paddings[node] = PaddingOf(node) with { Outputs = outputs };

    /// <summary>The convolution that makes a layer's input, if nothing else uses it and its outputs are not padded yet.</summary>
    IntegerUnit? MakerForOneUser(NodeProto node)
    {
        string value = node.Input[0];
        return _plan.MakerOf(value) is { } maker && IsFull(maker) && PaddingOf(maker.Node).Outputs == 0
            && !_index.IsGraphOutput(value) && _index.Consumers(value).Count == 1 ? maker : null;
    }

    /// <summary>The convolutions over all channels that use what a unit gives; null if anything else does.</summary>
    NodeProto[]? UsersOf(IntegerUnit unit)
    {
        if (_index.IsGraphOutput(unit.Output)) return null;
        var uses = _index.Consumers(unit.Output);
        bool areFull = uses.All(use => use.InputIndex == 0 && use.Node == use.Owner && _plan.UnitOf(use.Node) is { } user && IsFull(user));
        return areFull ? [.. uses.Select(use => use.Node)] : null;
    }

    static bool IsFull(IntegerUnit unit) =>
        unit.Layer is { Layer: var layer } && layer.OpType == "Conv" && layer.Group == 1 && layer.WeightDimensions.Count == 4;

    static int RoundUp(long channels, int multiple) => checked((int)((channels + multiple - 1) / multiple * multiple));
}
