using System.Globalization;
using Kneepoint.Calibration;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Writes a plan into the graph: QuantizeLinear and DequantizeLinear around integer operators.</summary>
/// <remarks>
/// A value that is made as codes gets the name NAME_q for its codes; the dequantized value keeps the name NAME, so that float operators,
/// subgraphs and graph outputs that use it need no change. Products that only float operators use are written as the runtime's own
/// MatMulIntegerToFloat: between QuantizeLinear pairs the runtime would turn MatMul and Add into a float Gemm first.
/// </remarks>
sealed class StaticInt8Writer
{
    readonly NetworkRewrite _rewrite;
    readonly StaticInt8Plan _plan;
    readonly ActivationStatistics _statistics;
    readonly ChannelAlignment _alignment;
    readonly Dictionary<string, ActivationRange> _ranges = new(StringComparer.Ordinal);
    readonly Dictionary<QuantizationParameters, (string Scale, string ZeroPoint)> _gridNames = [];
    readonly Dictionary<string, string> _codes = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _dequantized = new(StringComparer.Ordinal);

    StaticInt8Writer(NetworkRewrite rewrite, StaticInt8Plan plan, ActivationStatistics statistics)
    {
        (_rewrite, _plan, _statistics) = (rewrite, plan, statistics);
        _alignment = ChannelAlignment.Of(plan, rewrite.Index);
    }

    /// <summary>Writes.</summary>
    /// <exception cref="RecipeNotApplicableException">A range is missing.</exception>
    public static void Write(NetworkRewrite rewrite, StaticInt8Plan plan, ActivationStatistics? statistics)
    {
        if (statistics is null) throw new RecipeNotApplicableException("Static INT8 needs the ranges of activations; none were given.");
        var writer = new StaticInt8Writer(rewrite, plan, statistics);
        // Grids first: they are found along edges that writing changes.
        foreach (string value in plan.RequiredValues()) writer.RangeOf(value);
        foreach (var unit in plan.Units) writer.Write(unit);
        rewrite.Changed();
        FloatBetweenIntegers.Keep(rewrite);
    }

    void Write(IntegerUnit unit)
    {
        switch (unit.Role)
        {
            case IntegerRole.Codes:
                WriteCodes(unit);
                break;
            case IntegerRole.Arithmetic:
                for (int i = 0; i < unit.Node.Input.Count; i++) unit.Node.Input[i] = Dequantized(unit.Node.Input[i]);
                WriteOutput(unit);
                break;
            default:
                WriteLayer(unit);
                break;
        }
    }

    void WriteCodes(IntegerUnit unit)
    {
        var node = unit.Node;
        var grid = GridOf(node.Input[0]);
        node.Input[0] = Codes(node.Input[0]);
        if (node.OpType == "Pad")
        {
            while (node.Input.Count < 3) node.Input.Add("");
            node.Input[2] = Names(grid).ZeroPoint;
        }

        for (int i = 0; i < node.Output.Count; i++)
        {
            string value = node.Output[i];
            if (value.Length == 0) continue;
            node.Output[i] = _rewrite.Fresh(value + "_q");
            _codes.Add(value, node.Output[i]);
            AddDequantize(node.Output[i], grid, value);
        }
    }

    void WriteOutput(IntegerUnit unit)
    {
        var last = unit.Activation ?? unit.Node;
        string value = unit.Output;
        var grid = GridOf(value);
        last.Output[0] = _rewrite.Fresh(value + "_f");
        string codes = AddQuantize(last.Output[0], grid, value);
        _codes.Add(value, codes);
        AddDequantize(codes, grid, value);
    }

    void WriteLayer(IntegerUnit unit)
    {
        var (method, layer) = unit.Layer!.Value;
        string activation = unit.Node.Input[0];
        var grid = GridOf(activation);
        var padding = _alignment.PaddingOf(unit.Node);
        var weight = IntegerWeight.Of(_rewrite, method, layer, grid.Scale, padding);
        string value = unit.Output;
        if (layer.OpType == "MatMul" && !unit.GivesCodes)
        {
            value = WriteProduct(unit, weight, grid);
        }
        else
        {
            unit.Node.Input[0] = padding.PadsActivation
                ? Padded(activation, grid, padding.Inputs - layer.WeightDimensions[1])
                : Dequantized(activation);
            if (layer.IsDepthwise && padding.Outputs > 0) unit.Node.With("group", (long)padding.Outputs);
            weight.WriteInputs(_rewrite, unit.Node, grid.Scale, isBiasInteger: layer.OpType == "Gemm" && !unit.GivesCodes);
            if (unit.GivesCodes)
            {
                WriteOutput(unit);
                value = _codes[unit.Output];
            }
        }

        _rewrite.Treated(layer, method, method.WeightBits, activationBits: 8, value);
    }

    string WriteProduct(IntegerUnit unit, IntegerWeight weight, QuantizationParameters grid)
    {
        var node = unit.Node;
        var (scale, zeroPoint) = Names(grid);
        string codes = Codes(node.Input[0]);
        var (weightCodes, weightScales) = weight.WriteCodes(_rewrite);
        string? bias = BiasBehind.Absorb(_rewrite, node, weight.Channels);
        node.OpType = "MatMulIntegerToFloat";
        node.Domain = Opsets.Microsoft;
        node.Input.Clear();
        node.Input.Add([codes, weightCodes, scale, weightScales, zeroPoint]);
        if (bias is not null) node.Input.Add(["", bias]);
        Opsets.Import(_rewrite.Model.Proto, Opsets.Microsoft, 1);
        return node.FirstOutput();
    }

    /// <summary>The value as float numbers on its grid.</summary>
    string Dequantized(string value)
    {
        if (_plan.MakerOf(value) is not null) return value;
        if (!_dequantized.TryGetValue(value, out string? name))
        {
            name = _rewrite.Fresh(value + "_d");
            AddDequantize(Codes(value), GridOf(value), name);
            _dequantized.Add(value, name);
        }

        return name;
    }

    /// <summary>The value with channels of zeros behind its own.</summary>
    string Padded(string value, QuantizationParameters grid, long channels) =>
        _rewrite.Once(string.Create(CultureInfo.InvariantCulture, $"padded {channels} {value}"), () =>
        {
            string pads = _rewrite.AddInitializer("pads", Tensor.Of([8], [0L, 0, 0, 0, 0, channels, 0, 0]));
            string codes = _rewrite.Add(NodeBuilder.Node("Pad", [Codes(value), pads, Names(grid).ZeroPoint], [_rewrite.Fresh(value + "_p")]));
            string name = _rewrite.Fresh(value + "_d");
            AddDequantize(codes, grid, name);
            return name;
        });

    string Codes(string value)
    {
        if (!_codes.TryGetValue(value, out string? codes)) _codes.Add(value, codes = AddQuantize(value, GridOf(value), value));
        return codes;
    }

    string AddQuantize(string number, QuantizationParameters grid, string stem)
    {
        var (scale, zeroPoint) = Names(grid);
        _rewrite.QuantizedActivations[stem] = new ActivationGrid(grid);
        return _rewrite.Add(NodeBuilder.Node("QuantizeLinear", [number, scale, zeroPoint], [_rewrite.Fresh(stem + "_q")]));
    }

    void AddDequantize(string codes, QuantizationParameters grid, string output)
    {
        var (scale, zeroPoint) = Names(grid);
        _rewrite.Add(NodeBuilder.Node("DequantizeLinear", [codes, scale, zeroPoint], [output]));
    }

    (string Scale, string ZeroPoint) Names(QuantizationParameters grid)
    {
        if (!_gridNames.TryGetValue(grid, out var names))
        {
            names = (_rewrite.AddScalar("scale", grid.Scale),
                _rewrite.AddInitializer("zero_point", Tensor.Of<byte>(ElementType.UInt8, [], [grid.ZeroPoint])));
            _gridNames.Add(grid, names);
        }

        return names;
    }

    QuantizationParameters GridOf(string value) => QuantizationParameters.Of(RangeOf(_plan.GridOwner(value)));

    ActivationRange RangeOf(string value)
    {
        if (_ranges.TryGetValue(value, out var range)) return range;
        range = Calibrated(value);
        if (_plan.ConcatBehind(value) is { } concat)
        {
            // A ReLU or clip before the Concat must stay redundant on the wider grid, else the runtime computes it in float.
            var wider = RangeOf(concat);
            var maker = _plan.MakerOf(value)!;
            if (wider.Low >= maker.Low && wider.High <= maker.High) range = wider;
        }

        _ranges.Add(value, range);
        return range;
    }

    ActivationRange Calibrated(string value)
    {
        if (!_statistics.Contains(value))
        {
            var why = _statistics.NotCollected.FirstOrDefault(missing => missing.Name == value);
            throw new RecipeNotApplicableException($"Static INT8 needs the range of the value '{value}', which was not calibrated. {why?.Reason}".TrimEnd());
        }

        var range = _statistics.Range(value, _plan.RangeOf(value));
        return _plan.MakerOf(value) is { } maker
            ? new ActivationRange(Math.Max(range.Low, maker.Low), Math.Min(range.High, maker.High))
            : range;
    }
}
