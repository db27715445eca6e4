using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Onnx;

namespace Kneepoint.Calibration.Moments;

/// <summary>The window of a convolution over three axes; those that it lacks come first, with size 1.</summary>
/// <param name="Kernel">Sizes.</param>
/// <param name="Strides">Strides.</param>
/// <param name="Dilations">Distances of the window's elements.</param>
/// <param name="Pads">Zeros before the first element of each axis, then those behind the last; of no use with an automatic padding.</param>
/// <param name="AutoPad">"NOTSET", "VALID", "SAME_UPPER" or "SAME_LOWER".</param>
public sealed record InputWindow(
    ImmutableArray<int> Kernel, ImmutableArray<int> Strides, ImmutableArray<int> Dilations, ImmutableArray<int> Pads, string AutoPad)
{
    const int Axes = 3;

    /// <summary>One text for each window.</summary>
    public string Key => string.Join('/', Text(Kernel), Text(Strides), Text(Dilations), AutoPad == "NOTSET" ? Text(Pads) : AutoPad);

    /// <summary>The window of a Conv of one to three axes.</summary>
    /// <exception cref="OnnxModelException">The attributes do not fit the weight.</exception>
    internal static InputWindow Of(WeightedLayer layer)
    {
        int axes = layer.WeightDimensions.Count - 2;
        ImmutableArray<int> Read(string name, int count, int usual)
        {
            long[]? values = layer.Node.GetInts(name);
            if (values is not null && (values.Length != count * axes || values.Any(value => value is < 0 or > 1 << 20)))
            {
                throw new OnnxModelException($"Conv '{layer.Id}': expected {count * axes} numbers as {name}, found [{string.Join(", ", values)}].");
            }

            int[] all = new int[count * Axes];
            Array.Fill(all, usual);
            for (int half = 0; half < count; half++)
            {
                for (int axis = 0; axis < axes && values is not null; axis++) all[half * Axes + Axes - axes + axis] = (int)values[half * axes + axis];
            }

            return [.. all];
        }

        int[] kernel = [1, 1, 1];
        for (int axis = 0; axis < axes; axis++) kernel[Axes - axes + axis] = checked((int)layer.WeightDimensions[2 + axis]);
        string autoPad = layer.Node.GetString("auto_pad", "NOTSET");
        return new InputWindow([.. kernel], Read("strides", 1, 1), Read("dilations", 1, 1), Read("pads", 2, 0), autoPad.Length == 0 ? "NOTSET" : autoPad);
    }

    /// <summary>Output size of an axis, and the zeros before its first element.</summary>
    internal (int Size, int Before) Steps(int axis, int input)
    {
        int reach = (Kernel[axis] - 1) * Dilations[axis] + 1;
        switch (AutoPad)
        {
            case "SAME_UPPER" or "SAME_LOWER":
                int size = (input + Strides[axis] - 1) / Strides[axis];
                int zeros = Math.Max(0, (size - 1) * Strides[axis] + reach - input);
                return (size, AutoPad == "SAME_UPPER" ? zeros / 2 : zeros - zeros / 2);
            case "VALID":
                return ((input - reach) / Strides[axis] + 1, 0);
            default:
                return ((input + Pads[axis] + Pads[Axes + axis] - reach) / Strides[axis] + 1, Pads[axis]);
        }
    }

    static string Text(ImmutableArray<int> values) => string.Join(',', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
}
