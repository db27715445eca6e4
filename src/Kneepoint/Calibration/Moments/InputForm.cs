using System.Globalization;
using Kneepoint.Onnx;

namespace Kneepoint.Calibration.Moments;

/// <summary>How a layer's input is cut into the rows x that its weight is multiplied with: the output is W·x for each row.</summary>
/// <remarks>
/// | operator | rows | columns |
/// | Conv | output positions | C/group · Πk of a group, in the order of the weight's [C/group, k…]: im2col |
/// | ConvTranspose | input positions | C/group of a group |
/// | Gemm, MatMul with the weight as second input | all but the last axis | K |
/// | LSTM, GRU, RNN, the weight of the input | all but the last axis | K |
/// | LSTM, GRU, RNN, the weight of the recurrence | states, taken from the output Y: those after each step stand for those before it | hidden |
/// | MatMul with the weight as first input, Gemm with transA | all but the last axis but one | K |
/// Layers of the same value and form share their moments.
/// </remarks>
/// <param name="Value">The activation.</param>
/// <param name="Kind">Which of the cases.</param>
/// <param name="Groups">Groups of a convolution, 1 elsewhere; each has moments of its own.</param>
/// <param name="Columns">Columns of a group.</param>
/// <param name="Window">The window of a Conv; null elsewhere.</param>
public sealed record InputForm(string Value, InputKind Kind, int Groups, int Columns, InputWindow? Window)
{
    /// <summary>Columns at most: two matrices of so many rows and columns take 256 MiB.</summary>
    public const int MostColumns = 4096;

    /// <summary>One text for each form: the key that moments are stored under.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Groups} {Columns} {Window?.Key} {Value}");

    /// <summary>The form of a layer's input.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="reason">Why there is none, as a clause that goes on from "it"; null if there is one.</param>
    /// <returns>Null where nothing is multiplied, or the operator's case is not treated.</returns>
    public static InputForm? Of(WeightedLayer layer, out string? reason)
    {
        ArgumentNullException.ThrowIfNull(layer);
        reason = WhyNot(layer);
        if (reason is not null) return null;
        var dims = layer.WeightDimensions;
        return layer.OpType switch
        {
            "Conv" => new InputForm(layer.ActivationInput, InputKind.Window, (int)layer.Group, (int)layer.ReductionLength, InputWindow.Of(layer)),
            "ConvTranspose" => new InputForm(layer.ActivationInput, InputKind.Channels, (int)layer.Group, (int)(dims[0] / layer.Group), null),
            "Gemm" when layer.Node.GetInt("transA", 0) != 0 => new InputForm(layer.ActivationInput, InputKind.LastButOneAxis, 1, (int)layer.ReductionLength, null),
            "MatMul" when layer.WeightInput == 0 => new InputForm(layer.ActivationInput, InputKind.LastButOneAxis, 1, (int)layer.ReductionLength, null),
            _ when layer.IsRecurrence => new InputForm(layer.Node.Output[0], InputKind.LastAxis, 1, (int)layer.ReductionLength, null),
            _ => new InputForm(layer.ActivationInput, InputKind.LastAxis, 1, (int)layer.ReductionLength, null),
        };
    }

    static string? WhyNot(WeightedLayer layer) => layer.OpType switch
    {
        "Gather" => "picks rows and multiplies nothing",
        _ when layer.IsRecurrence && layer.Node.FirstOutput().Length == 0 => "multiplies states that its operator does not give",
        _ when layer.IsRecurrence && layer.WeightDimensions[0] > 1 => "multiplies the states of two directions",
        "GRU" when layer.IsRecurrence && layer.Node.GetInt("linear_before_reset", 0) == 0 => "multiplies states that were reset, which only its operator sees",
        "MatMul" when layer.WeightDimensions.Count != 2 => "multiplies with a batch of matrices",
        "Conv" when layer.WeightDimensions.Count > 5 => "is a convolution over more than three axes",
        _ when layer.ReductionLength < 1 => "sums no products",
        _ when layer.ReductionLength > MostColumns => $"sums {layer.ReductionLength.ToString(CultureInfo.InvariantCulture)} products, more than the {MostColumns} whose moments are taken",
        _ => null,
    };
}

/// <summary>The cases of <see cref="InputForm"/>.</summary>
public enum InputKind
{
    /// <summary>Rows lie along the last axis.</summary>
    LastAxis,

    /// <summary>Rows lie along the last axis but one.</summary>
    LastButOneAxis,

    /// <summary>Rows are the channels of a position.</summary>
    Channels,

    /// <summary>Rows are what a window sees.</summary>
    Window,
}
