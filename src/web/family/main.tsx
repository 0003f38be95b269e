import '../shared/base.css';
import { mount } from '../shared/mount.tsx';
import { App } from './app.tsx';
import './style.css';

mount(<App />);
