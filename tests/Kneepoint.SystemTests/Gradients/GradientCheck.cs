using System.Globalization;
using Kneepoint.Gradients;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.SystemTests.Gradients.Oracle;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Gradients;

/// <summary>Compares gradients that the runtime computes in binary32 with central differences of the oracle in binary64.</summary>
static class GradientCheck
{
    /// <summary>Of the greatest gradient of a tensor or, where an element's own is at least a tenth of that, of its own.</summary>
    public const double Tolerance = 1e-4;

    // The differences' own error: about 1e-16/step from rounding, and step² from the third derivative.
    const double Step = 1e-6;
    // Tensors whose gradient is zero by symmetry, like the bias of keys before a softmax, hold rounding errors only: such are compared with the greatest of all.
    const double LeastShare = 1e-3;

    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    /// <summary>Random cotangents, the same for the same shapes.</summary>
    public static Dictionary<string, Tensor> Cotangents(OnnxModel model, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyList<string> outputs)
    {
        using var session = Runtime.Open(Exposed(model, outputs), new SessionSettings());
        var values = session.Run(inputs);
        var random = new Random(7);
        return outputs.ToDictionary(name => name, name => new Arg([.. values[name].Dimensions], 0.1, 1, IsSigned: true).Draw(random));
    }

    /// <summary>Runs the gradient graph.</summary>
    /// <returns>Gradients by the name of what they belong to.</returns>
    public static Dictionary<string, Tensor> Run(GradientGraph graph, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Tensor> cotangents,
        IReadOnlyDictionary<string, Tensor>? weights = null)
    {
        using var session = Runtime.Open(graph.Model, new SessionSettings());
        var all = inputs.Concat(cotangents.Select(pair => KeyValuePair.Create(graph.Cotangents[pair.Key], pair.Value))).Concat(weights ?? new Dictionary<string, Tensor>());
        var results = session.Run(all.ToDictionary());
        return graph.Gradients.ToDictionary(pair => pair.Key, pair => results[pair.Value]);
    }

    /// <summary>Checks the gradients of a network with respect to the named weights and values.</summary>
    /// <param name="model">The network.</param>
    /// <param name="inputs">What is fed.</param>
    /// <param name="request">What is differentiated.</param>
    /// <param name="elements">How many elements of each tensor are checked, drawn at random.</param>
    /// <param name="step">Of the differences.</param>
    public static void Check(OnnxModel model, IReadOnlyDictionary<string, Tensor> inputs, GradientRequest request, int elements = int.MaxValue, double step = Step)
    {
        var cotangents = Cotangents(model, inputs, request.Outputs);
        var gradients = Run(GradientGraph.Of(model, request), inputs, cotangents);
        var oracle = new DoubleNetwork(model, inputs.ToDictionary(pair => pair.Key, pair => DoubleTensor.Of(pair.Value)));
        var weighted = cotangents.ToDictionary(pair => pair.Key, pair => DoubleTensor.Of(pair.Value));
        double greatest = gradients.Values.Max(Greatest);
        foreach (string wanted in request.Weights.Concat(request.Values))
        {
            Assert.Equal(oracle[wanted].Dims.Select(size => (long)size), gradients[wanted].Dimensions);
            Compare(wanted, gradients[wanted].Values<float>(), Math.Max(Greatest(gradients[wanted]), greatest * LeastShare), oracle, weighted, elements, step);
        }
    }

    static void Compare(string wanted, ReadOnlySpan<float> gradient, double greatest, DoubleNetwork oracle, Dictionary<string, DoubleTensor> cotangents, int elements, double step)
    {
        int[] places = [.. Enumerable.Range(0, gradient.Length)];
        if (elements < places.Length) new Random(3).Shuffle(places);
        foreach (int place in places.Take(elements))
        {
            double expected = Difference(oracle, wanted, place, cotangents, step);
            double allowed = Tolerance * Math.Max(Math.Abs(expected), greatest / 10);
            Assert.True(Math.Abs(gradient[place] - expected) <= allowed, string.Create(CultureInfo.InvariantCulture,
                $"'{wanted}', element {place}: expected {expected:G9}, found {gradient[place]:G9}; the greatest is {greatest:G4}."));
        }
    }

    static double Greatest(Tensor gradient)
    {
        double greatest = 0;
        foreach (float value in gradient.Values<float>()) greatest = Math.Max(greatest, Math.Abs(value));
        return greatest;
    }

    static double Difference(DoubleNetwork oracle, string wanted, int place, Dictionary<string, DoubleTensor> cotangents, double step)
    {
        double[] direction = new double[oracle[wanted].Data.Length];
        direction[place] = 1;
        return Difference(oracle, new Dictionary<string, double[]> { [wanted] = direction }, cotangents, step);
    }

    static double Difference(DoubleNetwork oracle, Dictionary<string, double[]> direction, Dictionary<string, DoubleTensor> cotangents, double step) =>
        (Product(oracle, direction, cotangents, step) - Product(oracle, direction, cotangents, -step)) / (2 * step);

    // vᵀ(y − y₀) after a step along the direction: differences are added up, which are small, and not the values themselves.
    static double Product(DoubleNetwork oracle, Dictionary<string, double[]> direction, Dictionary<string, DoubleTensor> cotangents, double step)
    {
        var changed = direction.ToDictionary(pair => pair.Key, pair => oracle[pair.Key] with { Data = [.. oracle[pair.Key].Data.Zip(pair.Value, (value, d) => value + step * d)] });
        var outputs = oracle.With(changed, cotangents.Keys);
        return cotangents.Sum(pair => pair.Value.Data.Zip(outputs[pair.Key].Data.Zip(oracle[pair.Key].Data, (y, before) => y - before), (v, change) => v * change).Sum());
    }

    /// <summary>Checks the derivative along one direction, in which all elements of all wanted tensors move so that none hides another: for networks that are slow in the oracle.</summary>
    public static void CheckDirection(OnnxModel model, IReadOnlyDictionary<string, Tensor> inputs, GradientRequest request, double tolerance = Tolerance, double step = 1e-9)
    {
        var cotangents = Cotangents(model, inputs, request.Outputs);
        var gradients = Run(GradientGraph.Of(model, request), inputs, cotangents);
        var oracle = new DoubleNetwork(model, inputs.ToDictionary(pair => pair.Key, pair => DoubleTensor.Of(pair.Value)));
        var random = new Random(5);
        var direction = gradients.ToDictionary(pair => pair.Key,
            pair => pair.Value.Values<float>().ToArray().Select(value => Math.Sign(value) * (0.5 + random.NextDouble())).ToArray());
        double found = gradients.Sum(pair => pair.Value.Values<float>().ToArray().Zip(direction[pair.Key], (g, d) => g * d).Sum());
        double expected = Difference(oracle, direction, cotangents.ToDictionary(pair => pair.Key, pair => DoubleTensor.Of(pair.Value)), step);
        Assert.True(Math.Abs(found - expected) <= tolerance * Math.Abs(expected), string.Create(CultureInfo.InvariantCulture, $"Expected {expected:G9}, found {found:G9}."));
    }

    static OnnxModel Exposed(OnnxModel model, IReadOnlyList<string> outputs)
    {
        var exposed = model.Clone();
        foreach (string name in outputs.Where(name => exposed.Graph.Output.All(output => output.Name != name))) exposed.Graph.Output.Add(new Kneepoint.Onnx.Protocol.ValueInfoProto { Name = name });
        return exposed;
    }
}
