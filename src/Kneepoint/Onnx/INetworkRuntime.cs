namespace Kneepoint.Onnx;

/// <summary>Runs networks. The library states what it needs; an adapter with the native runtime gives it.</summary>
/// <remarks>Implementations are safe for calls from several threads, and so is <see cref="INetworkSession.Run"/>; a prepared run belongs to one thread.</remarks>
public interface INetworkRuntime
{
    /// <summary>Name and version, for the record: "ONNX Runtime 1.31.1".</summary>
    string Name { get; }

    /// <summary>Loads a model from its path, with external data from the model's own folder.</summary>
    /// <exception cref="OnnxModelException">The runtime refuses the model; the message says why in one sentence.</exception>
    INetworkSession Open(string modelFile, SessionSettings settings);

    /// <summary>Loads a model from memory. Initializers may be external; they are read from the model's folder.</summary>
    /// <exception cref="OnnxModelException">The runtime refuses the model; the message says why in one sentence.</exception>
    INetworkSession Open(OnnxModel model, SessionSettings settings);

    /// <summary>The graph as the runtime will execute it, after all its rewriting: the proof of fusion.</summary>
    /// <exception cref="OnnxModelException">The runtime refuses the model; the message says why in one sentence.</exception>
    OnnxModel Optimize(string modelFile, SessionSettings settings);

    /// <inheritdoc cref="Optimize(string, SessionSettings)"/>
    OnnxModel Optimize(OnnxModel model, SessionSettings settings);
}
