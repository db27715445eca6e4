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
/// Layers of the same value and form share their moments. Of a row with more than <see cref="MostColumns"/> columns, slices are taken for themselves, each like a group: what lies in two of them counts as unrelated.
/// </remarks>
/// <param name="Value">The activation.</param>
/// <param name="Kind">Which of the cases.</param>
/// <param name="Groups">Groups of a convolution, or slices of a row, 1 elsewhere; each has moments of its own.</param>
/// <param name="Columns">Columns of a group or slice.</param>
/// <param name="Window">The window of a Conv; null elsewhere.</param>
public sealed record InputForm(string Value, InputKind Kind, int Groups, int Columns, InputWindow? Window)
{
    /// <summary>Columns at most that are taken as a whole: two matrices of so many rows and columns take 400 MiB.</summary>
    public const int MostColumns = 5120;

    // Memory is then 16 KiB for each column of the row.
    const int UsualSliceColumns = 1024;

    const int MostSlicedColumns = 65536;

    // Slices end where blocks of weights do.
    const int SliceUnit = 64;

    /// <summary>Columns of a whole row where the groups are slices of it, the last one with zeros behind; null where the groups are those of the layer.</summary>
    public int? SlicedColumns { get; init; }

    /// <summary>Columns of a whole row of one group.</summary>
    public int RowColumns => SlicedColumns ?? Columns;

    /// <summary>One text for each form: the key that moments are stored under.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Groups} {Columns}{(SlicedColumns is { } row ? $" of {row}" : "")} {Window?.Key} {Value}");

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
        int columns = (int)layer.ReductionLength;
        var form = layer.OpType switch
        {
            "Conv" => new InputForm(layer.ActivationInput, InputKind.Window, (int)layer.Group, columns, InputWindow.Of(layer)),
            "ConvTranspose" => new InputForm(layer.ActivationInput, InputKind.Channels, (int)layer.Group, (int)(dims[0] / layer.Group), null),
            "Gemm" when layer.Node.GetInt("transA", 0) != 0 => new InputForm(layer.ActivationInput, InputKind.LastButOneAxis, 1, columns, null),
            "MatMul" when layer.WeightInput == 0 => new InputForm(layer.ActivationInput, InputKind.LastButOneAxis, 1, columns, null),
            _ when layer.IsRecurrence => new InputForm(layer.Node.Output[0], InputKind.LastAxis, 1, columns, null),
            _ => new InputForm(layer.ActivationInput, InputKind.LastAxis, 1, columns, null),
        };
        if (form.Columns <= MostColumns) return form;

        // A window belongs to its channel.
        int window = layer.OpType == "Conv" ? form.Columns / (int)dims[1] : 1;
        int slice = Math.Max(1, UsualSliceColumns / (SliceUnit * window)) * SliceUnit * window;
        if (form.Groups == 1 && slice <= MostColumns && form.Columns <= MostSlicedColumns) return form with { Groups = (form.Columns + slice - 1) / slice, Columns = slice, SlicedColumns = form.Columns };
        reason = string.Create(CultureInfo.InvariantCulture, $"sums {form.Columns} products, too many for their moments");
        return null;
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
        _ when layer.ReductionLength > int.MaxValue => "sums more products than can be numbered",
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
