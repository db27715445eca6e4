using System.Diagnostics.CodeAnalysis;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Onnx.Shapes;

/// <summary>The shapes of a graph's values as far as they are known, and why the others are not.</summary>
public sealed class ShapeTable
{
    readonly Dictionary<string, KnownValue> _known = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _unknown = new(StringComparer.Ordinal);
    readonly Dictionary<GraphProto, ShapeTable> _subgraphs = new(ReferenceEqualityComparer.Instance);
    readonly ShapeTable? _outer;

    internal ShapeTable(ShapeTable? outer = null) => _outer = outer;

    /// <summary>The shape of a value; null where it is not known.</summary>
    public ValueShape? this[string value] => Find(value)?.Shape;

    /// <summary>The values of this graph whose shapes are not known.</summary>
    public IEnumerable<string> UnknownValues => _unknown.Keys.Order(StringComparer.Ordinal);

    /// <summary>The values of this graph whose shapes are known.</summary>
    public IEnumerable<string> KnownValues => _known.Keys.Order(StringComparer.Ordinal);

    /// <summary>Which node stopped the inference and why; null where the shape is known.</summary>
    public string? WhyUnknown(string value)
    {
        for (var table = this; table is not null; table = table._outer)
        {
            if (table._known.ContainsKey(value)) return null;
            if (table._unknown.TryGetValue(value, out string? reason)) return reason;
        }

        return $"Nothing makes the value '{value}'.";
    }

    /// <summary>The shapes inside a subgraph of If, Loop or Scan; null where it was not looked at because it is never run.</summary>
    public ShapeTable? Of(GraphProto subgraph) => _subgraphs.GetValueOrDefault(subgraph);

    /// <summary>How often a subgraph is run each time its node is; null where that depends on data.</summary>
    public long? RunsOf(GraphProto subgraph) => _subgraphs.GetValueOrDefault(subgraph)?.Runs;

    internal long? Runs { get; set; }

    internal KnownValue? Find(string value)
    {
        for (var table = this; table is not null; table = table._outer)
        {
            if (table._known.TryGetValue(value, out var known)) return known;
            if (table._unknown.ContainsKey(value)) return null;
        }

        return null;
    }

    internal bool TryFind(string value, [NotNullWhen(true)] out KnownValue? known) => (known = Find(value)) is not null;

    internal void Add(string value, KnownValue known)
    {
        _unknown.Remove(value);
        _known[value] = known;
    }

    internal void AddUnknown(string value, string reason)
    {
        if (value.Length > 0 && !_known.ContainsKey(value)) _unknown.TryAdd(value, reason);
    }

    internal void Forget()
    {
        _known.Clear();
        _unknown.Clear();
    }

    internal ShapeTable AddSubgraph(GraphProto subgraph, long? runs)
    {
        var table = new ShapeTable(this) { Runs = runs };
        _subgraphs[subgraph] = table;
        return table;
    }
}

/// <summary>A shape and, for small tensors that are the same in every run, their numbers.</summary>
/// <param name="Shape">Type and dimensions.</param>
/// <param name="Integers">The elements, row-major, where they are integers or Booleans and known.</param>
/// <param name="Reals">The elements, row-major, where they are floating-point numbers and known.</param>
sealed record KnownValue(ValueShape Shape, long[]? Integers = null, double[]? Reals = null)
{
    /// <summary>More elements than this are no shape arithmetic.</summary>
    public const int MostElements = 1024;
}
