using System.Text;
using Kneepoint.Onnx;

namespace Kneepoint.Coding.Graph;

/// <summary>Finds the names of tensors by the place of their data in a model file.</summary>
/// <remarks>What is no model gives few names or none; it never fails.</remarks>
static class TensorNames
{
    const int MostLevels = 100;
    const int NodeOutput = 2, AttributeName = 1, TensorName = 8;

    /// <summary>The name for the first byte of the data of each tensor that has one, or is the constant of a node that has one.</summary>
    public static IReadOnlyDictionary<long, string> Of(ReadOnlySpan<byte> model)
    {
        var names = new Dictionary<long, string>();
        Walk(model, 0, WireMessage.Model, "", 0, names);
        return names;
    }

    static void Walk(ReadOnlySpan<byte> message, long start, WireMessage kind, string owner, int level, Dictionary<long, string> names)
    {
        string name = kind switch
        {
            WireMessage.Node => FirstText(message, NodeOutput) ?? owner,
            WireMessage.Attribute => FirstText(message, AttributeName) is { } attribute and not "value" ? $"{owner} {attribute}" : owner,
            WireMessage.Tensor => FirstText(message, TensorName) is { Length: > 0 } own ? own : owner,
            WireMessage.Graph => "",
            _ => owner,
        };
        for (int at = 0; TryField(message, ref at, out int field, out int length, out bool isBlock);)
        {
            if (!isBlock) continue;
            var inner = WireMessages.Inside(kind, field);
            int content = at - length;
            if (inner != WireMessage.None && level < MostLevels) Walk(message.Slice(content, length), start + content, inner, name, level + 1, names);
            else if (kind == WireMessage.Tensor && field is 4 or 9 or 10 && name.Length > 0) names[start + content] = name;
        }
    }

    static string? FirstText(ReadOnlySpan<byte> message, int wanted)
    {
        for (int at = 0; TryField(message, ref at, out int field, out int length, out bool isBlock);)
        {
            if (isBlock && field == wanted) return Encoding.UTF8.GetString(message.Slice(at - length, length));
        }

        return null;
    }

    // Steps over a field; of a block the content lies before the new place.
    static bool TryField(ReadOnlySpan<byte> message, ref int at, out int field, out int length, out bool isBlock)
    {
        (field, length, isBlock) = (0, 0, false);
        if (!TryNumber(message, ref at, out ulong tag)) return false;
        field = (int)Math.Min(tag >> 3, int.MaxValue);
        switch (tag & 7)
        {
            case 0:
                return TryNumber(message, ref at, out _);
            case 1 or 5:
                at += (tag & 7) == 1 ? 8 : 4;
                return at <= message.Length;
            case 2:
                if (!TryNumber(message, ref at, out ulong count) || count > (ulong)(message.Length - at)) return false;
                (length, isBlock) = ((int)count, true);
                at += length;
                return true;
            default:
                return false;
        }
    }

    static bool TryNumber(ReadOnlySpan<byte> message, ref int at, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 70 && at < message.Length; shift += 7)
        {
            byte next = message[at++];
            if (shift < 64) value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return true;
        }

        return false;
    }
}
