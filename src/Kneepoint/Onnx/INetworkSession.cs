using Kneepoint.Tensors;

namespace Kneepoint.Onnx;

/// <summary>A loaded network.</summary>
public interface INetworkSession : IDisposable
{
    /// <summary>What must be fed, in the graph's order.</summary>
    IReadOnlyList<ValueSignature> Inputs { get; }

    /// <summary>What comes out, in the graph's order.</summary>
    IReadOnlyList<ValueSignature> Outputs { get; }

    /// <summary>Runs once and gives each output by its name, in managed memory. May be called from several threads at once.</summary>
    /// <exception cref="OnnxModelException">The runtime fails on these inputs.</exception>
    IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs);

    /// <summary>Binds inputs and preallocated outputs once, so that only the network itself is timed.</summary>
    /// <exception cref="OnnxModelException">The runtime fails on these inputs.</exception>
    IPreparedRun Prepare(IReadOnlyDictionary<string, Tensor> inputs);
}

/// <summary>A network with its inputs bound, ready to run again and again without allocation.</summary>
public interface IPreparedRun : IDisposable
{
    /// <summary>Runs once; the outputs stay where they are.</summary>
    void Run();
}
