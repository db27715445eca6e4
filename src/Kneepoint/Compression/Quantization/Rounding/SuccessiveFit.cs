using System.Globalization;
using Kneepoint.Calibration.Moments;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>Rounds the layers of a network one behind the other, each for what the rounded layers before it feed it.</summary>
/// <remarks>
/// What the steps will ask for is found by letting them work on a copy. Then, turn by turn, all layers before which nothing is left to round are rounded together, by the moments of one run of the
/// samples through the original and the network so far (<see cref="PairedGraph"/>). Layers that cannot be paired, and those that nothing rounded comes before, are rounded by the inputs of the original.
/// </remarks>
sealed class SuccessiveFit
{
    // Of a pair, which has twice the columns of the layer.
    const int RowsPerColumn = 128;

    readonly NetworkRewrite _original;
    readonly NetworkRewrite _now;
    readonly ICalibrator _calibrator;
    readonly Dictionary<string, WeightedLayer> _layers;
    readonly Dictionary<string, FittedWeight> _rounded = new(StringComparer.Ordinal);
    readonly HashSet<object?> _written = new(ReferenceEqualityComparer.Instance);
    int _paired;

    SuccessiveFit(NetworkRewrite original, ICalibrator calibrator)
    {
        (_original, _calibrator) = (original, calibrator);
        _now = original.Copy();
        _layers = _now.Layers.ToDictionary(layer => layer.Id, StringComparer.Ordinal);
    }

    /// <summary>Rounds.</summary>
    /// <param name="network">The network before anything is quantized; not changed.</param>
    /// <param name="apply">Lets the steps that quantize work on a network.</param>
    /// <param name="calibrator">Runs the samples.</param>
    /// <returns>By the names of the layers.</returns>
    public static IReadOnlyDictionary<string, FittedWeight> Of(NetworkRewrite network, Action<NetworkRewrite> apply, ICalibrator calibrator)
    {
        var asked = network.Copy();
        asked.Asked = [];
        apply(asked);
        var place = network.Layers.Select((layer, i) => (layer.Id, i)).ToDictionary(pair => pair.Id, pair => pair.i, StringComparer.Ordinal);
        var fit = new SuccessiveFit(network, calibrator);

        // Steps have changed the nodes of the copy that they were asked on.
        fit.Run([.. asked.Asked.Where(request => place.ContainsKey(request.Layer.Id)).DistinctBy(request => request.Layer.Id)
            .OrderBy(request => place[request.Layer.Id]).Select(request => request with { Layer = fit._layers[request.Layer.Id] })]);
        network.Note("rounded-in-succession", string.Create(CultureInfo.InvariantCulture,
            $"{fit._paired} of {fit._rounded.Count} layers were fitted to the outputs of the already rounded layers before them; {fit._rounded.Count - fit._paired} to the original's."));
        return fit._rounded;
    }

    void Run(List<RoundingRequest> left)
    {
        int all = left.Count;
        while (left.Count > 0)
        {
            _calibrator.Report("rounding layers in succession", all - left.Count, all);
            var waiting = left.Select(request => request.Layer.Node).ToHashSet(ReferenceEqualityComparer.Instance);
            var turn = left.Where(request => !DependsOn(request, waiting)).ToList();

            // In a circle, as of states, the first one begins.
            if (turn.Count == 0) turn.Add(left[0]);
            Round(turn);
            left.RemoveAll(turn.Contains);
        }
    }

    void Round(List<RoundingRequest> turn)
    {
        Pair(turn.Where(CanPair).ToList());
        foreach (var request in turn.Where(request => !_rounded.ContainsKey(request.Layer.Id)))
        {
            if (_original.Roundings is { } roundings && request.Rounding.ByInput(roundings, request.Layer, request.Rows, out _) is { } rounded) _rounded.Add(request.Layer.Id, rounded);
        }

        foreach (var request in turn) Write(request);
    }

    void Pair(List<RoundingRequest> requests)
    {
        if (requests.Count == 0) return;
        GraphOrder.Sort(_now.Graph);
        var graph = new PairedGraph(_original.Model, _now.Model);
        var pairs = new List<InputForm>();
        var byPair = new Dictionary<string, List<RoundingRequest>>(StringComparer.Ordinal);
        foreach (var together in requests.GroupBy(request => InputForm.Of(request.Layer, out _)!.Key, StringComparer.Ordinal))
        {
            var layer = together.First().Layer;
            var form = InputForm.Of(layer, out _)!;
            if (graph.Add(form, RankOf(layer, form)) is not { } pair) continue;
            pairs.Add(pair);
            byPair.Add(pair.Key, [.. together]);
        }

        if (pairs.Count == 0) return;
        GraphOrder.Sort(graph.Model.Graph);
        _calibrator.Collect(graph.Model, pairs, RowsPerColumn, (pair, moments) =>
        {
            foreach (var request in byPair[pair.Key].Where(request => 2 * request.Rows.Columns == moments.First.Columns && request.Rows.Rows % moments.First.Groups == 0))
            {
                if (moments.First.Rows + moments.Second.Rows == 0) continue;
                _rounded[request.Layer.Id] = request.Rounding.ByPairs(request.Rows, moments, _original.Roundings?.Threads ?? 1);
                _paired++;
            }
        });
    }

    // From here on the network so far computes with the rounded weight.
    void Write(RoundingRequest request)
    {
        if (!_rounded.TryGetValue(request.Layer.Id, out var rounded) || HasFactor(request.Layer)) return;
        float[] values = [.. request.Rows.Values];
        float[] errors = rounded.ErrorsOf(values);
        for (int i = 0; i < values.Length; i++) values[i] += errors[i];
        var layer = request.Layer;
        string stored = _now.AddInitializer(layer.WeightName + "_r", Tensor.Of([.. layer.WeightDimensions], request.Rows.Stored(values)));
        _now.TakeWeight(layer, stored);
        _written.Add(layer.Node);
        foreach (string other in layer.SharedWith)
        {
            if (_now.Layers.FirstOrDefault(shared => shared.Value == other && shared.WeightName == layer.WeightName) is { } shared) _now.TakeWeight(shared, stored);
        }

        if (rounded.MeanError.Length > 0) LayerBias.Subtract(_now, layer, rounded.MeanError);
    }

    bool CanPair(RoundingRequest request) => request.Layer.OpType != "ConvTranspose" && request.Layer.SharedWith.IsEmpty && !HasFactor(request.Layer)
        && InputForm.Of(request.Layer, out _) is { SlicedColumns: null } form && form.Columns == request.Rows.Columns && DependsOn(request, _written);

    // The rows of such a layer bear its factor, which its weight does not.
    static bool HasFactor(WeightedLayer layer) => layer.OpType == "Gemm" && layer.Node.GetFloat("alpha", 1) != 1;

    int? RankOf(WeightedLayer layer, InputForm form) => layer.OpType == "Conv" ? layer.WeightDimensions.Count : _original.RankOf(form.Value);

    // Whether what a layer is fed comes of one of the nodes; the state of a recurrent layer comes of its own node, which does not count.
    bool DependsOn(RoundingRequest request, HashSet<object?> nodes)
    {
        var own = request.Layer.Node;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([request.Layer.ActivationInput]);
        while (open.TryPop(out string? value))
        {
            if (!seen.Add(value) || _now.Index.Producer(value) is not { } producer) continue;
            if (producer != own && nodes.Contains(producer)) return true;
            foreach (string input in GraphOrder.InputsOf(producer)) open.Push(input);
        }

        return false;
    }
}
